import { useEffect, useLayoutEffect, useRef, useState } from "react";

export interface Device {
  name: string;
  label: string;
  width: number;
  height: number;
}

export const devices: Device[] = [
  { name: "desktop", label: "Desktop", width: 1120, height: 740 },
  { name: "phone", label: "Phone", width: 390, height: 780 },
];

/** The highest that a page is shown, in pixels. */
const highest = 640;

export interface FrameProps {
  /** What is seen in it, in words. */
  label: string;
  page: string;
  style: string;
  device: Device;
}

/**
 * Frame shows a page of the server as on a device, made as small as it must be. Nothing runs in it, and nothing can be pressed: it is sandboxed, and
 * the console's policy holds in it. It has the console's origin, because its files are for that alone, and so that a changed style sheet needs no
 * new page. A new page takes the place of the last one when it is there.
 */
export function Frame({ label, page, style, device }: FrameProps) {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(0);
  const [there, setThere] = useState(page);
  const [height, setHeight] = useState(device.height);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setRoom(element.clientWidth));
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  const tall = Math.max(height, device.height);
  const scale = Math.min(1, room / device.width, highest / tall);
  const pages = there === page ? [page] : [there, page];
  return (
    <div className="preview-room" ref={box} role="img" aria-label={label}>
      <div className="preview-screen" style={{ width: device.width * scale, height: tall * scale }}>
        {pages.map((one) => (
          <Sheet
            key={one}
            page={one}
            style={style}
            device={device}
            scale={scale}
            tall={tall}
            hidden={one !== there}
            onReady={(needed) => {
              if (one === page) setThere(page);
              setHeight(needed);
            }}
          />
        ))}
      </div>
    </div>
  );
}

interface SheetProps {
  page: string;
  style: string;
  device: Device;
  scale: number;
  tall: number;
  hidden: boolean;
  /** Called with the height that the page needs, in pixels. */
  onReady: (height: number) => void;
}

function Sheet({ page, style, device, scale, tall, hidden, onReady }: SheetProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const ready = useRef(onReady);
  ready.current = onReady;
  const [loaded, setLoaded] = useState(false);
  useEffect(() => {
    const element = frame.current;
    if (!loaded || !element) return;
    dress(element, style);
    ready.current(heightOf(element, device));
  }, [loaded, style, device]);
  return (
    <iframe
      ref={frame}
      title="Preview"
      className="preview-frame"
      sandbox="allow-same-origin"
      inert
      srcDoc={page}
      width={device.width}
      height={tall}
      style={{ transform: `scale(${scale})`, visibility: hidden ? "hidden" : "visible" }}
      onLoad={() => setLoaded(true)}
    />
  );
}

/** dress gives the frame's document the style sheet, after those that it names itself. No policy keeps it from that (CSSOM, 6.2). */
function dress(frame: HTMLIFrameElement, style: string): void {
  const view = frame.contentWindow as (Window & typeof globalThis) | null;
  if (!view || !frame.contentDocument) return;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(style);
  frame.contentDocument.adoptedStyleSheets = [sheet];
}

/** heightOf returns how high the document is on the device, in pixels; it fills the screen at least. */
function heightOf(frame: HTMLIFrameElement, device: Device): number {
  const before = frame.style.height;
  frame.style.height = `${device.height}px`;
  const height = frame.contentDocument?.documentElement.scrollHeight ?? device.height;
  frame.style.height = before;
  return height;
}
