import { X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { IconButton } from "./button";

/** How long good news is shown, in milliseconds. Bad news stays until it is put away. */
const shown = 6_000;

interface Said {
  key: number;
  text: string;
  bad: boolean;
}

export interface Toasts {
  say(text: string): void;
  complain(text: string): void;
}

const ToastContext = createContext<Toasts | undefined>(undefined);

export function useToasts(): Toasts {
  const toasts = useContext(ToastContext);
  if (!toasts) throw new Error("there is no Toaster");
  return toasts;
}

/** Toaster shows what happened beside the page, and has it read out. It is seen above dialogs. */
export function Toaster({ children }: { children: ReactNode }) {
  const [list, setList] = useState<Said[]>([]);
  const next = useRef(0);
  const box = useRef<HTMLDivElement>(null);
  const drop = useCallback((key: number) => setList((all) => all.filter((one) => one.key !== key)), []);
  const toasts = useMemo(() => {
    const add = (text: string, bad: boolean) => {
      const key = next.current++;
      setList((all) => [...all.slice(-3), { key, text, bad }]);
      if (!bad) setTimeout(() => drop(key), shown);
    };
    return { say: (text: string) => add(text, false), complain: (text: string) => add(text, true) };
  }, [drop]);
  useEffect(() => {
    // What came to the top layer last is above the rest (HTML, popover).
    if (list.length === 0 || !box.current?.showPopover) return;
    box.current.hidePopover();
    box.current.showPopover();
  }, [list]);
  return (
    <ToastContext value={toasts}>
      {children}
      <div ref={box} className="toasts" popover="manual">
        {list.map((one) => (
          <div key={one.key} className={`toast ${one.bad ? "toast-bad" : ""}`} role={one.bad ? "alert" : "status"}>
            <p>{one.text}</p>
            <IconButton label="Dismiss" onClick={() => drop(one.key)}>
              <X size={16} />
            </IconButton>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}
