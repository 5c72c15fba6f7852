import { describe, expect, it } from "vitest";
import { clean, isAddress, isClean } from "./safe";

describe("what pages may hold", () => {
  it.each([
    '<p class="rich-text-align-center rich-text-bold">Hi <strong>you</strong><br></p>',
    "<ul><li>One</li></ul><ol><li><em>Two</em></li></ol>",
    '<p><a href="https://example.com/a?b=1">there</a> <a href="{{application.url}}">back</a> <a href="/accounts">here</a></p>',
    "Just words &amp; signs",
  ])("stays: %s", (html) => {
    expect(clean(html)).toBe(html);
    expect(isClean(html)).toBe(true);
  });

  it.each([
    ["<script>alert(1)</script>x", "x"],
    ['<img src=x onerror="alert(1)">x', "x"],
    ['<p onclick="alert(1)" style="position:fixed" id="a">x</p>', "<p>x</p>"],
    ['<a href="javascript:alert(1)">x</a>', "<a>x</a>"],
    ['<a href=" JaVaScRiPt:alert(1)">x</a>', "<a>x</a>"],
    ['<a href="//evil.example">x</a>', "<a>x</a>"],
    ['<a href="/\\evil.example">x</a>', "<a>x</a>"],
    ["<svg><script>alert(1)</script></svg>x", "x"],
    ["<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>", ""],
    ['<div class="fixed">x</div><font color="red">y</font>', "<div>x</div>y"],
    ["<form><input><button>x</button></form>", "x"],
    ["a<!-- b -->c", "ac"],
    ["<iframe srcdoc='<script>1</script>'></iframe><template><p>x</p></template>", ""],
  ])("does not stay: %s", (html, left) => {
    expect(clean(html)).toBe(left);
    expect(clean(clean(html))).toBe(left);
    expect(isClean(html)).toBe(false);
  });

  it("of links are addresses that lead somewhere harmless", () => {
    expect(["https://a", "http://a", "mailto:a@b", "/a", "#a", "{{a.b}}"].every(isAddress)).toBe(true);
    expect(["javascript:1", "data:text/html,x", "//a", "a", "", "{{a}}{{b}}", "vbscript:x"].some(isAddress)).toBe(false);
  });
});
