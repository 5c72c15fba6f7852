import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";
import { Client } from "../api/client";
import { Connection } from "../api/connection";
import { ServerContext } from "../api/context";
import { newQueries } from "../api/queries";
import { SessionContext } from "../auth/context";
import { Provider } from "../auth/provider";
import { type Browser, Session } from "../auth/session";
import "../ui/theme.css";
import "../ui/ui.css";
import { Toaster } from "../ui/toast";
import { Gate } from "./gate";
import { elsewhere, type Place, readPlace } from "./place";
import { newRouter } from "./routes";
import { follow } from "./theme";

/** boot begins: it finds out who is there, and shows the console to them. */
export async function boot(element: HTMLElement): Promise<void> {
  follow();
  const place = readPlace(document, location);
  const home = elsewhere(place, location);
  if (home) {
    location.replace(home);
    return;
  }
  const root = createRoot(element);
  const show = (content: ReactNode) => root.render(<StrictMode>{content}</StrictMode>);
  const base = `${place.root}/console/`;
  const session = new Session(new Provider(place), browserOf(place), base);
  const signIn = { label: "Sign in", onPress: () => void session.leave() };
  const outcome = await session.start();
  switch (outcome.kind) {
    case "leaving":
      return;
    case "handed-over":
      show(<Gate title="You are signed in">You can close this window and go on in the other one.</Gate>);
      window.close();
      return;
    case "signed-out":
      show(
        <Gate title="You are signed out" action={signIn}>
          Nothing of your work is kept in this browser.
        </Gate>,
      );
      return;
    case "failed":
      show(
        <Gate title="Signing in did not work" action={{ ...signIn, label: "Try again" }}>
          {outcome.why}
        </Gate>,
      );
      return;
  }
  history.replaceState(null, "", outcome.path);
  show(assemble(place, session));
}

/** assemble makes the console of the session, once. */
function assemble(place: Place, session: Session): ReactNode {
  const connection = new Connection(() => fetch(`${place.root}/console/`, { method: "HEAD", cache: "no-store" }));
  const client = new Client({ root: place.root, bearer: session, connection });
  return (
    <SessionContext value={session}>
      <ServerContext value={{ client, connection }}>
        <QueryClientProvider client={newQueries()}>
          <Toaster>
            <RouterProvider router={newRouter(place)} />
          </Toaster>
        </QueryClientProvider>
      </ServerContext>
    </SessionContext>
  );
}

function browserOf(place: Place): Browser {
  return {
    location,
    leave: (url) => location.assign(url),
    open: (url) => window.open(url, "usher-sign-in", "popup,width=520,height=760") !== null,
    storage: sessionStorage,
    channel: () => new BroadcastChannel(`usher-console ${place.root}`),
  };
}
