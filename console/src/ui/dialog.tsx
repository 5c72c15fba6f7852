import { X } from "lucide-react";
import { type ReactNode, type SyntheticEvent, useEffect, useId, useRef } from "react";
import { IconButton } from "./button";

export interface DialogProps {
  title: string;
  children: ReactNode;
  /** Buttons, the one that goes on last. */
  foot?: ReactNode;
  wide?: boolean;
  /** Called when the person wants it closed; without it, it can only be answered. */
  onClose?: (() => void) | undefined;
}

/**
 * Dialog is shown as long as it is part of the page. The browser keeps the focus in it, gives it back where it was, and closes by Escape
 * (HTML, the dialog element).
 */
export function Dialog({ title, children, foot, wide, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const cancel = (event: SyntheticEvent) => {
    event.preventDefault();
    onClose?.();
  };
  return (
    <dialog ref={dialog} className={`dialog ${wide ? "dialog-wide" : ""}`} aria-labelledby={heading} onCancel={cancel}>
      <div className="dialog-box">
        <header className="dialog-head">
          <h2 id={heading}>{title}</h2>
          {onClose && (
            <IconButton label="Close" onClick={onClose}>
              <X size={18} />
            </IconButton>
          )}
        </header>
        <section className="dialog-body" aria-labelledby={heading}>
          {children}
        </section>
        {foot && <footer className="dialog-foot">{foot}</footer>}
      </div>
    </dialog>
  );
}
