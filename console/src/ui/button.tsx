import type { ComponentProps, ReactNode } from "react";

type Look = "plain" | "primary" | "danger" | "quiet";

export interface ButtonProps extends ComponentProps<"button"> {
  look?: Look;
  /** Running says that what the button began is under way; it cannot be pressed meanwhile, and keeps the focus. */
  running?: boolean;
}

export function Button({ look = "plain", running = false, className = "", onClick, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`button button-${look} ${className}`}
      aria-disabled={running || undefined}
      onClick={running ? (event) => event.preventDefault() : onClick}
    />
  );
}

/** IconButton is a button that shows a picture only. */
export function IconButton({ label, children, ...rest }: Omit<ButtonProps, "children"> & { label: string; children: ReactNode }) {
  return (
    <Button look="quiet" {...rest} className={`button-icon ${rest.className ?? ""}`} aria-label={label} title={label}>
      {children}
    </Button>
  );
}
