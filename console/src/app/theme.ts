import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const key = "usher-console-theme";
const listeners = new Set<() => void>();
const system = () => matchMedia("(prefers-color-scheme: dark)");

/** chosen is what the person has chosen in this browser; what their system has, where nothing. */
export function chosen(): Theme {
  try {
    const kept = localStorage.getItem(key);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system"; // a browser that keeps nothing
  }
}

/** choose keeps the choice and shows it. */
export function choose(theme: Theme): void {
  try {
    if (theme === "system") localStorage.removeItem(key);
    else localStorage.setItem(key, theme);
  } catch {
    // as above
  }
  apply(theme);
  for (const listener of listeners) listener();
}

/** follow shows the theme, from the first picture on, and follows the system. */
export function follow(): void {
  apply(chosen());
  system().addEventListener("change", () => apply(chosen()));
}

function apply(theme: Theme): void {
  const dark = theme === "dark" || (theme === "system" && system().matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, chosen);
}
