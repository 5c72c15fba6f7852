import { useQuery } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Trash2, X } from "lucide-react";
import { useClient } from "../../api/context";
import { useSelf } from "../../auth/context";
import { IconButton } from "../../ui/button";
import { Select } from "../../ui/field";
import { connectionsOf } from "../connections/api";
import type { Mistakes } from "../mistakes";
import { may } from "../scopes";
import { metaOf, type Step } from "./api";
import { moved, numbered, type Way, wayOf, waysOf, withoutWay, withWay } from "./login";
import { stepsPath } from "./paths";

const most = { steps: 5, options: 10 };

export interface StepsProps {
  value: Step[];
  onChange: (value: Step[]) => void;
  mistakes: Mistakes;
  disabled: boolean;
}

/** Steps lets somebody say what it takes to sign in: all of the steps, each by one of its ways. */
export function Steps({ value, onChange, mistakes, disabled }: StepsProps) {
  const client = useClient();
  const meta = useQuery(metaOf(client)).data;
  const connections = useQuery(connectionsOf(client, useSelf().may(may.viewConnections))).data ?? [];
  const ways = meta ? waysOf(meta, connections) : [];
  const rest = mistakes.at(stepsPath);
  return (
    <>
      <ol className="login">
        {value.map((step, i) => (
          <li key={step.id ?? i} className="login-step">
            <div className="login-step-head">
              <h3>Step {i + 1}</h3>
              {!disabled && (
                <>
                  <IconButton label={`Move step ${i + 1} up`} disabled={i === 0} onClick={() => onChange(moved(value, i, i - 1))}>
                    <ArrowUp size={16} />
                  </IconButton>
                  <IconButton
                    label={`Move step ${i + 1} down`}
                    disabled={i === value.length - 1}
                    onClick={() => onChange(moved(value, i, i + 1))}
                  >
                    <ArrowDown size={16} />
                  </IconButton>
                  <IconButton
                    label={`Remove step ${i + 1}`}
                    disabled={value.length === 1}
                    onClick={() => onChange(numbered(value.toSpliced(i, 1)))}
                  >
                    <Trash2 size={16} />
                  </IconButton>
                </>
              )}
            </div>
            <Options step={step} at={i} {...{ value, onChange, mistakes, disabled, ways, meta }} />
          </li>
        ))}
      </ol>
      {rest && <p className="field-mistake">{rest}</p>}
      {!disabled && value.length < most.steps && (
        <Add label="Add a step" ways={ways} onAdd={(way) => onChange(withWay(value, value.length, way))} />
      )}
    </>
  );
}

function Options({
  step,
  at,
  value,
  onChange,
  mistakes,
  disabled,
  ways,
  meta,
}: StepsProps & { step: Step; at: number; ways: Way[]; meta: Parameters<typeof wayOf>[1] }) {
  const chosen = step.options.map((option) => wayOf(option, meta));
  const left = ways.filter((way) => !chosen.some((one) => one.key === way.key));
  const path = `${stepsPath}[${at}].options`;
  const last = value.length === 1 && chosen.length === 1;
  const mistake = [
    mistakes.at(path),
    ...chosen.flatMap((_, i) => ["authenticator", "idp"].map((name) => mistakes.at(`${path}[${i}].${name}`))),
  ]
    .filter(Boolean)
    .join(" ");
  return (
    <>
      <ul className="login-options" aria-label={`Ways to pass step ${at + 1}`}>
        {chosen.map((way) => (
          <li key={way.key}>
            {way.label}
            {!disabled && (
              <IconButton
                label={`Remove ${way.label} from step ${at + 1}`}
                disabled={last}
                onClick={() => onChange(withoutWay(value, at, way.key))}
              >
                <X size={14} />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      {mistake && <p className="field-mistake">{mistake}</p>}
      {!disabled && left.length > 0 && chosen.length < most.options && (
        <Add label={`Another way to pass step ${at + 1}`} ways={left} onAdd={(way) => onChange(withWay(value, at, way))} />
      )}
    </>
  );
}

function Add({ label, ways, onAdd }: { label: string; ways: Way[]; onAdd: (way: Way) => void }) {
  return (
    <div className="login-add">
      <Select
        label={label}
        value=""
        options={[{ value: "", label: "Choose…" }, ...ways.map((way) => ({ value: way.key, label: way.label }))]}
        onChange={({ target }) => {
          const way = ways.find((one) => one.key === target.value);
          if (way) onAdd(way);
        }}
      />
    </div>
  );
}
