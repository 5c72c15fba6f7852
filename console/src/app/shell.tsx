import { CloudOff, LogOut, Menu as MenuIcon, Monitor, Moon, Sun, UserRound } from "lucide-react";
import { useEffect, useId, useRef, useState } from "react";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { useConnected } from "../api/context";
import { useSelf, useSession } from "../auth/context";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";
import { Menu } from "../ui/menu";
import { useToasts } from "../ui/toast";
import icon from "./icon.svg";
import { groups } from "./navigation";
import type { Place } from "./place";
import "./shell.css";
import { choose, type Theme, useTheme } from "./theme";

const themes: { theme: Theme; label: string; icon: typeof Sun }[] = [
  { theme: "system", label: "Theme of the system", icon: Monitor },
  { theme: "light", label: "Light theme", icon: Sun },
  { theme: "dark", label: "Dark theme", icon: Moon },
];

/** Shell is what is around every page. */
export function Shell({ place }: { place: Place }) {
  const connected = useConnected();
  const self = useSelf();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const first = useRef(pathname);
  useEffect(() => {
    // Who does not see that the page is another one is taken to it.
    if (first.current === pathname) return;
    first.current = pathname;
    main.current?.focus();
    scrollTo(0, 0);
  }, [pathname]);
  return (
    <div className={`shell ${pathname.endsWith("/design") ? "shell-slim" : ""}`}>
      <a className="button shell-skip" href="#main">
        Skip to the content
      </a>
      <div className="shell-offline-place" role="status">
        {!connected && (
          <div className="shell-offline">
            <CloudOff size={18} aria-hidden />
            The server cannot be reached. Trying again…
          </div>
        )}
      </div>
      <header className="shell-side">
        <Link className="shell-brand" to="/">
          <img src={icon} alt="" />
          <span className="shell-word">
            <strong>Usher</strong>
            {place.tenant && <small>{place.tenant}</small>}
          </span>
        </Link>
        <Navigation />
        <SelfMenu />
      </header>
      <main className="shell-main" id="main" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      {self.over && <SignInAgain />}
    </div>
  );
}

/** Navigation leads to the parts that somebody may see. In a narrow window it is behind a button, and goes away when they have chosen. */
function Navigation() {
  const self = useSelf();
  const { key } = useLocation();
  const [open, setOpen] = useState<string>();
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const shown = open === key;
  return (
    <>
      <Button ref={button} className="shell-menu" aria-expanded={shown} aria-controls={id} onClick={() => setOpen(shown ? undefined : key)}>
        <MenuIcon size={18} aria-hidden />
        Menu
      </Button>
      <nav
        id={id}
        className={`shell-nav ${shown ? "shell-nav-open" : ""}`}
        aria-label="Console"
        onKeyDown={(event) => {
          if (event.key !== "Escape" || !shown) return;
          setOpen(undefined);
          button.current?.focus();
        }}
      >
        {groups.map(({ label, parts }) => {
          const seen = parts.filter((part) => self.may(part.scope));
          if (seen.length === 0) return null;
          return (
            <div key={label}>
              <p className="shell-group shell-word" id={`${id} ${label}`.replaceAll(" ", "-")}>
                {label}
              </p>
              <ul aria-labelledby={`${id} ${label}`.replaceAll(" ", "-")}>
                {seen.map((part) => (
                  <li key={part.path}>
                    <NavLink to={part.path} title={part.label}>
                      {part.icon}
                      <span className="shell-word">{part.label}</span>
                    </NavLink>
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
      </nav>
    </>
  );
}

/** SelfMenu is who is signed in, and what they may do about it. */
function SelfMenu() {
  const session = useSession();
  const { person } = useSelf();
  const theme = useTheme();
  return (
    <div className="shell-self">
      <Menu
        above
        label={`${person.name}: theme and sign-out`}
        icon={<UserRound size={18} aria-hidden />}
        items={[
          ...themes
            .filter((one) => one.theme !== theme)
            .map((one) => ({ label: one.label, icon: <one.icon size={16} aria-hidden />, onSelect: () => choose(one.theme) })),
          { label: "Sign out", icon: <LogOut size={16} aria-hidden />, onSelect: () => session.signOut() },
        ]}
      >
        <span className="shell-word">{person.name}</span>
      </Menu>
    </div>
  );
}

/** SignInAgain is before the pages of somebody whose session is over. It goes by itself when they have signed in. */
function SignInAgain() {
  const session = useSession();
  const toasts = useToasts();
  const signIn = async () => {
    if (!(await session.signInAgain()))
      toasts.complain("The browser did not open the window to sign in. Allow this page to open windows, and try again.");
  };
  return (
    <Dialog
      title="Please sign in again"
      foot={
        <Button look="primary" onClick={signIn}>
          Sign in
        </Button>
      }
    >
      <p>Your session is over. Signing in opens a window of its own; everything you have open here stays as it is.</p>
    </Dialog>
  );
}
