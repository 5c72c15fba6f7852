import { isRouteErrorResponse, Link, useRouteError } from "react-router";
import { explain } from "../api/problem";
import { Button } from "../ui/button";
import { Empty } from "../ui/shown";

/** NotFound is the page of paths that there are not. */
export function NotFound() {
  return (
    <div className="page">
      <title>Not found · Usher</title>
      <Empty level={1} title="There is no such page" action={<Link to="/">Go to the start</Link>}>
        The address may be mistyped, or what it showed is gone.
      </Empty>
    </div>
  );
}

/** Broken stands in for a page that could not be shown. What is around it goes on. */
export function Broken() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFound />;
  // A part that is loaded when it is needed has another name since the server was replaced.
  const stale = error instanceof TypeError && /import|module/i.test(error.message);
  return (
    <div className="page">
      <Empty
        level={1}
        title={stale ? "There is a new version of the console" : "This page cannot be shown"}
        action={
          <Button look="primary" onClick={() => location.reload()}>
            Reload
          </Button>
        }
      >
        {stale ? "Reload the page to go on with it. What was saved is there." : explain(error)}
      </Empty>
    </div>
  );
}
