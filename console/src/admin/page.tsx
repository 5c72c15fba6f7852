import type { UseInfiniteQueryResult, UseQueryResult } from "@tanstack/react-query";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";
import { explain, Refused } from "../api/problem";
import { Button } from "../ui/button";
import { Empty, Loading, Notice, Skeleton } from "../ui/shown";
import "./admin.css";

export interface PageProps {
  title: string;
  about?: ReactNode;
  back?: { to: string; label: string };
  buttons?: ReactNode;
  children: ReactNode;
}

/** Page is what the pages of this folder have in common. */
export function Page({ title, about, back, buttons, children }: PageProps) {
  return (
    <div className="page">
      <title>{`${title} · Usher`}</title>
      <header className="page-head">
        <div>
          {back && (
            <Link className="page-back" to={back.to}>
              <ArrowLeft size={14} aria-hidden />
              {back.label}
            </Link>
          )}
          <h1>{title}</h1>
          {about && <p>{about}</p>}
        </div>
        {buttons && <div className="page-buttons">{buttons}</div>}
      </header>
      {children}
    </div>
  );
}

/** Answered shows what was asked for; until then that it comes, or why it does not. */
export function Answered<T>({
  query,
  gone,
  children,
}: {
  query: Pick<UseQueryResult<T>, "data" | "error" | "refetch">;
  /** What to say where there is no such thing. */
  gone?: string;
  children: (data: T) => ReactNode;
}) {
  const { data, error, refetch } = query;
  if (gone && error instanceof Refused && error.status === 404)
    return <Empty title={gone}>It may have been deleted, or the address is mistyped.</Empty>;
  return (
    <>
      {error && (
        <Notice tone="bad" action={<Button onClick={() => refetch()}>Try again</Button>}>
          {explain(error)}
        </Notice>
      )}
      {data !== undefined && children(data)}
      {data === undefined && !error && (
        <Loading>
          <div className="waiting">
            <Skeleton height="3rem" />
            <Skeleton height="12rem" />
          </div>
        </Loading>
      )}
    </>
  );
}

/** More asks for the page that follows, where there is one. */
export function More({ query }: { query: Pick<UseInfiniteQueryResult, "hasNextPage" | "isFetchingNextPage" | "fetchNextPage"> }) {
  if (!query.hasNextPage) return null;
  return (
    <div className="more">
      <Button running={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
        Show more
      </Button>
    </div>
  );
}

/** Section is a part of a form, or of what is known of something. */
export function Section({
  title,
  about,
  buttons,
  children,
}: {
  title: string;
  about?: ReactNode;
  buttons?: ReactNode;
  children: ReactNode;
}) {
  return (
    <section className="card section" aria-label={title}>
      <div className="section-head">
        <div>
          <h2>{title}</h2>
          {about && <p>{about}</p>}
        </div>
        {buttons && <div className="page-buttons">{buttons}</div>}
      </div>
      {children}
    </section>
  );
}
