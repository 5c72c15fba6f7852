import { useQuery } from "@tanstack/react-query";
import { useClient } from "../api/context";
import { differenceOf, labelsOf, type Side } from "../api/flows";
import { explain } from "../api/problem";
import { type Texts, wordsOf } from "../api/texts";
import type { Change, FlowType } from "../api/types";
import { Loading, Notice, Skeleton } from "../ui/shown";
import { describe, groups } from "./describe";
import "./flows.css";
import type { Labels } from "./preview";
import { plural } from "./words";

const signs = { added: "+", removed: "−", changed: "~", moved: "→", reordered: "↕" } as const;

/** Changes shows how one definition becomes another. */
export function Changes({ flowType, from, to }: { flowType: FlowType; from: Side; to: Side }) {
  const client = useClient();
  const difference = useQuery(differenceOf(client, flowType, from, to));
  const { data: labels } = useQuery(labelsOf(client, flowType));
  const { data: texts } = useQuery(wordsOf(client));
  if (difference.isPending) {
    return (
      <Loading>
        <Skeleton height="8rem" />
      </Loading>
    );
  }
  if (difference.isError) return <Notice tone="bad">{explain(difference.error)}</Notice>;
  const { logic, layout } = difference.data;
  return (
    <div className="changes">
      {logic.length === 0 && (
        <p>{layout.length === 0 ? "Nothing differs." : "People notice no difference: only steps on the canvas were moved."}</p>
      )}
      {groups(logic).map(([step, list]) => (
        <section key={step} aria-label={step || "Flow"}>
          <h3>{step ? `Step “${step}”` : "The flow"}</h3>
          <ul>
            {list.map((change) => (
              <Line key={change.kind + change.path} change={change} labels={labels} texts={texts} />
            ))}
          </ul>
        </section>
      ))}
      {logic.length > 0 && layout.length > 0 && <p className="field-hint">Beside this, {plural(layout.length, "change")} of the canvas.</p>}
    </div>
  );
}

function Line({ change, labels, texts }: { change: Change; labels: Labels; texts: Texts | undefined }) {
  const { text, old, new: now } = describe(change, labels, texts);
  return (
    <li>
      <span className={`changes-${change.kind}`} aria-hidden>
        {signs[change.kind]}
      </span>
      <div>
        {text}
        {(old !== undefined || now !== undefined) && (
          <div className="changes-values">
            {old !== undefined && <del>{old}</del>}
            {old !== undefined && now !== undefined && <span aria-hidden>→</span>}
            {now !== undefined && <ins>{now}</ins>}
          </div>
        )}
      </div>
    </li>
  );
}
