// A little application that stands on the public React SDK of the established
// implementation, unchanged.
import { AsgardeoProvider, SignIn, SignUp, useAsgardeo } from "@asgardeo/react";
import { useState } from "react";
import { createRoot } from "react-dom/client";

const { base, clientId } = globalThis.settings;

// handOver leaves the page for the server with a form.
function handOver(fields) {
  const form = Object.assign(document.createElement("form"), { method: "POST", action: `${base}/commonauth` });
  for (const [name, value] of Object.entries(fields)) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}

// Join signs up somebody whose sign-in waits under a key, or, without one,
// somebody whom the SDK signs in on this page.
function Join() {
  const { signIn } = useAsgardeo();
  const [notice, setNotice] = useState("");

  async function complete({ data: { userAssertion } }) {
    const sessionDataKey = new URLSearchParams(location.search).get("sessionDataKey");
    if (sessionDataKey) return handOver({ sessionDataKey, userAssertion });
    const { flowId, links: [{ href: url, method }] } = await signIn({ response_mode: "direct" });
    const { authData } = await signIn({ flowId, userAssertion }, { url, method });
    location.assign(`/?${new URLSearchParams(authData)}`);
  }

  // The SDK draws a page again after a mistake, and leaves it to the
  // application to say which.
  const changed = ({ data }) => setNotice(data.messages?.map((m) => m.message).join(" ") ?? "");
  return (
    <>
      <p role="alert">{notice}</p>
      <SignUp shouldRedirectAfterSignUp={false} onFlowChange={changed} onComplete={complete} onError={(e) => setNotice(e.message)} />
    </>
  );
}

function Home() {
  const { isSignedIn, user, signIn, signOut } = useAsgardeo();
  if (!isSignedIn) return <button onClick={() => signIn()}>Sign in</button>;
  return (
    <>
      <output>{user?.preferred_username}</output>
      <button onClick={() => signOut()}>Sign out</button>
    </>
  );
}

const Page = { "/join": Join, "/enter": SignIn }[location.pathname] ?? Home;

createRoot(document.getElementById("app")).render(
  <AsgardeoProvider baseUrl={base} clientId={clientId} scopes="openid profile email">
    <Page />
  </AsgardeoProvider>,
);
