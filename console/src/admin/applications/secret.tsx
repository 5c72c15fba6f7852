import { Told } from "../asking";

/** Secret tells a client's secret, this once. */
export function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Told title="The client secret" label="Client secret" value={secret} onClose={onClose}>
      It is shown this once: nobody can read it here again. Put it where the application keeps its secrets.
    </Told>
  );
}
