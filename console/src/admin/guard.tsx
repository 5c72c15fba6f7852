import { useEffect } from "react";
import { useBlocker } from "react-router";
import { Button } from "../ui/button";
import { Dialog } from "../ui/dialog";

/** Guard asks before somebody leaves changes behind that are not saved. */
export function Guard({ dirty }: { dirty: boolean }) {
  const blocker = useBlocker(
    ({ currentLocation: from, nextLocation: to }) => dirty && from.pathname + from.search !== to.pathname + to.search,
  );
  useEffect(() => {
    if (!dirty) return;
    const stay = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", stay);
    return () => removeEventListener("beforeunload", stay);
  }, [dirty]);
  if (blocker.state !== "blocked") return null;
  return (
    <Dialog
      title="Leave without saving?"
      onClose={() => blocker.reset()}
      foot={
        <>
          <Button onClick={() => blocker.reset()}>Stay</Button>
          <Button look="danger" onClick={() => blocker.proceed()}>
            Leave
          </Button>
        </>
      }
    >
      <p>What you have changed here is lost.</p>
    </Dialog>
  );
}
