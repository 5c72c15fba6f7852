import type { ReactNode } from "react";
import { Button } from "../ui/button";
import icon from "./icon.svg";
import "./shell.css";

/** Gate is the whole page where there is nobody to show the console to. */
export function Gate({
  title,
  children,
  action,
}: {
  title: string;
  children?: ReactNode;
  action?: { label: string; onPress: () => void };
}) {
  return (
    <main className="gate">
      <img src={icon} alt="" />
      <h1>{title}</h1>
      {children && <p>{children}</p>}
      {action && (
        <Button look="primary" onClick={action.onPress}>
          {action.label}
        </Button>
      )}
    </main>
  );
}
