/** Where the link in a message leads a person. */
export type Lead =
  /** Into a flow, with the token that the flow waits for. */
  | { kind: "flow"; flowId: string; token: string }
  /** To the page that takes up an invitation. */
  | { kind: "invitation"; code: string }
  /** To the page that confirms an e-mail address. */
  | { kind: "address"; code: string }
  | { kind: "elsewhere" };

/** leadOf reads a link, as the hosted pages do (portal/arrive.go). Nothing is called. */
export function leadOf(link: string): Lead {
  if (!URL.canParse(link)) return { kind: "elsewhere" };
  const { searchParams, pathname } = new URL(link);
  const token = searchParams.get("mlt");
  const code = searchParams.get("confirmation");
  if (token) return { kind: "flow", flowId: searchParams.get("flowId") ?? "", token };
  if (!code) return { kind: "elsewhere" };
  return pathname.endsWith("/verify") ? { kind: "address", code } : { kind: "invitation", code };
}
