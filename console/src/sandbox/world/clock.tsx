import { Clock as ClockIcon } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../../ui/button";
import type { Trial, TrialState } from "../trial";

const steps = [
  { label: "+1 min", about: "one minute", seconds: 60 },
  { label: "+10 min", about: "ten minutes", seconds: 600 },
  { label: "+1 day", about: "one day", seconds: 86_400 },
];

const moment = new Intl.DateTimeFormat(undefined, {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeStyle: undefined,
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

/** Clock is what time it is in the sandbox, and puts it forward. */
export function Clock({ trial, state }: { trial: Trial; state: TrialState }) {
  const now = useTime(state);
  return (
    <section className="trial-clock" aria-label="Clock">
      <span className="trial-time">
        <ClockIcon size={15} aria-hidden /> {now ? <time dateTime={now.toISOString()}>{moment.format(now)}</time> : "–"}
      </span>
      <span className="trial-row">
        {steps.map((step) => (
          <Button
            key={step.seconds}
            className="trial-small"
            aria-label={`Put the clock forward by ${step.about}`}
            running={state.busy}
            disabled={!now}
            onClick={() => void trial.advance(step.seconds)}
          >
            {step.label}
          </Button>
        ))}
      </span>
    </section>
  );
}

/** useTime is the sandbox's time; it goes as fast as any. */
function useTime({ contents, read }: TrialState): Date | undefined {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  return contents && new Date(Date.parse(contents.clock) + performance.now() - read);
}
