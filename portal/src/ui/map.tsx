// Devices on a map, without a map server: countries and their borders come with the portal (Natural Earth).
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { geoGraticule10, geoMercator, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';
import coarse from 'world-atlas/countries-110m.json?url';
import fine from 'world-atlas/countries-50m.json?url';
import { get, piece, url, type Problem } from '../core/api';
import type { Selection } from '../core/dashboards';
import type { Device, DeviceLatest, Scalar } from '../core/model';
import { go } from '../core/router';
import { theme } from '../core/theme';
import { useLatest } from './follow';
import { useLoad } from './load';
import { Badge, Busy, Trouble } from './pieces';

export interface MapProps {
  title: string;
  about: Selection;
  /** Latitude and longitude; where none are named, the usual names are looked for. */
  sensors: string[];
  /** The widget's place, where the dashboard is seen by a link. */
  shared?: number | undefined;
}

interface Spot {
  device: string;
  latitude: number;
  longitude: number;
  state: Device['health']['state'];
}

/** Places come live; health of devices is read again. */
const EVERY = 10_000;
const DEVICES_MAX = 500;
/** Dots that are nearer to each other are one with a number. */
const NEAR = 22;
/** From here the finer borders are worth their reading. */
const FINE_FROM = 6;
const ZOOM_MAX = 4000;

const USUAL = ['', 'position.', 'location.', 'gps.'].flatMap(within =>
  [
    ['latitude', 'longitude'],
    ['lat', 'lon'],
    ['lat', 'lng'],
  ].map(pair => pair.map(name => within + name) as [string, string]),
);

export function DeviceMap({ title, about, sensors, shared }: MapProps): JSX.Element {
  const pairs: [string, string][] = sensors.length >= 2 ? [[sensors[0]!, sensors[1]!], ...USUAL] : USUAL;
  const { known, problem, more } =
    shared === undefined ? useSpots(about, pairs) : useSharedSpots(shared, pairs);
  const [asTable, setAsTable] = useState(false);
  return (
    <div class="map">
      <div class="row">
        <h3 class="grow">{title}</h3>
        <button type="button" class="plain" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Map' : 'Table'}
        </button>
      </div>
      <Trouble of={problem} />
      {!known && !problem && <Busy what="Reading where devices are" />}
      {known?.length === 0 && (
        <p class="muted">
          Nobody knows where these devices are. A sensor such as <code>latitude</code> and{' '}
          <code>longitude</code> says it, or metadata of the device.
        </p>
      )}
      {asTable ? <Places of={known ?? []} /> : <World of={known ?? []} />}
      {more && <p class="muted small">The first {DEVICES_MAX} devices of more.</p>}
    </div>
  );
}

interface Spots {
  known: Spot[] | undefined;
  problem: Problem | undefined;
  more: boolean;
}

function useSpots(about: Selection, pairs: [string, string][]): Spots {
  const values = useLatest(about, [...new Set(pairs.flat())], DEVICES_MAX);
  const devices = useLoad(
    signal =>
      about.device
        ? get<Device>(`/api/v1/devices/${piece(about.device)}`, signal).then(
            (one): { devices: Device[]; next?: string } => ({ devices: [one] }),
          )
        : get<{ devices: Device[]; next?: string }>(
            url('/api/v1/devices', { type: about.type, label: about.label, limit: DEVICES_MAX }),
            signal,
          ),
    [about.device, about.type, about.label],
    EVERY,
  );
  const known = useMemo(
    () => (devices.data && values.data ? spots(devices.data.devices, values.data.devices, pairs) : undefined),
    [devices.data, values.data],
  );
  return { known, problem: devices.problem ?? values.problem, more: devices.data?.next !== undefined };
}

/** What a link shows of where devices are. */
function useSharedSpots(place: number, pairs: [string, string][]): Spots {
  const found = useLoad(
    signal =>
      get<{ places: Placed[]; devices: DeviceLatest[]; more: boolean }>(
        `/api/v1/shared/widgets/${place}`,
        signal,
      ),
    [place],
    EVERY,
  );
  const known = useMemo(
    () => found.data && spots(found.data.places, found.data.devices, pairs),
    [found.data],
  );
  return { known, problem: found.problem, more: found.data?.more ?? false };
}

type Placed = Pick<Device, 'id' | 'metadata'> & { health: Pick<Device['health'], 'state'> };

/** A sensor that says where a device is counts more than what somebody once wrote about it. */
function spots(devices: Placed[], latest: DeviceLatest[], pairs: [string, string][]): Spot[] {
  const said = new Map(latest.map(one => [one.device, one.values]));
  return devices.flatMap(({ id, metadata, health }) => {
    const values = new Map(said.get(id)?.map(one => [one.sensor, one.value]));
    for (const [lat, lon] of pairs) {
      const spot =
        spotAt(values.get(lat), values.get(lon)) ?? spotAt(within(metadata, lat), within(metadata, lon));
      if (spot) return [{ device: id, ...spot, state: health.state }];
    }
    return [];
  });
}

function within(metadata: Record<string, unknown>, path: string): Scalar | undefined {
  let at: unknown = metadata;
  for (const name of path.split('.')) at = (at as Record<string, unknown> | undefined)?.[name];
  return typeof at === 'number' ? at : undefined;
}

function spotAt(
  latitude: Scalar | undefined,
  longitude: Scalar | undefined,
): { latitude: number; longitude: number } | undefined {
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return undefined;
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : undefined;
}

const STATES = { good: 'as usual', late: 'late', new: 'new' } as const;
const KINDS = { good: 'good', late: 'warn', new: '' } as const;

function Places({ of }: { of: Spot[] }): JSX.Element {
  return (
    <div class="scroll-x rest" tabIndex={0} role="region" aria-label="Where devices are">
      <table>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col" class="number">
              Latitude
            </th>
            <th scope="col" class="number">
              Longitude
            </th>
            <th scope="col">Health</th>
          </tr>
        </thead>
        <tbody>
          {of.map(spot => (
            <tr key={spot.device}>
              <td>
                <a href={`/devices/${piece(spot.device)}`}>{spot.device}</a>
              </td>
              <td class="number">{spot.latitude.toFixed(5)}</td>
              <td class="number">{spot.longitude.toFixed(5)}</td>
              <td>
                <Badge kind={KINDS[spot.state]}>{STATES[spot.state]}</Badge>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface Sight {
  /** What is in the middle, degrees. */
  longitude: number;
  latitude: number;
  /** 1 shows the whole world in the width. */
  zoom: number;
}

const WHOLE: Sight = { longitude: 0, latitude: 20, zoom: 1 };

const LATITUDE_MAX = 75;

/** Where a latitude is on the map, in the unit of longitude's radians. */
const up = (latitude: number): number => {
  const bound = Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, latitude));
  return Math.log(Math.tan(Math.PI / 4 + (bound * Math.PI) / 360));
};

/** All of them, with some room around; `aspect` is height by width. */
function around(of: Spot[], aspect: number): Sight {
  if (of.length === 0) return WHOLE;
  const longitudes = of.map(one => one.longitude);
  const heights = of.map(one => up(one.latitude));
  const [west, east] = [Math.min(...longitudes), Math.max(...longitudes)];
  const [south, north] = [Math.min(...heights), Math.max(...heights)];
  const across = Math.max(0.5, (east - west) * 1.3);
  const upwards = Math.max(0.01, (north - south) * 1.5);
  return {
    longitude: (west + east) / 2,
    latitude: (Math.atan(Math.exp((south + north) / 2)) * 360) / Math.PI - 90,
    zoom: Math.min(ZOOM_MAX, 360 / across, (2 * Math.PI * aspect) / upwards),
  };
}

interface Dot {
  x: number;
  y: number;
  of: Spot[];
}

function World({ of }: { of: Spot[] }): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [sight, setSight] = useState<Sight>();
  const [width, setWidth] = useState(0);
  const dots = useRef<Dot[]>([]);
  const height = box.current?.clientHeight ?? 0;
  const aspect = height > 0 && width > 0 ? height / width : 0.5;
  const shown = sight ?? around(of, aspect);
  const land = useLand(shown.zoom >= FINE_FROM);

  useEffect(() => {
    const sized = new ResizeObserver(() => setWidth(box.current?.clientWidth ?? 0));
    if (box.current) sized.observe(box.current);
    return () => sized.disconnect();
  }, []);
  useEffect(() => {
    if (canvas.current && width > 0 && land) dots.current = draw(canvas.current, shown, land, of);
  }, [of, width, height, land, theme.value, shown.longitude, shown.latitude, shown.zoom]);

  const move = (x: number, y: number): void => {
    const degrees = 360 / (shown.zoom * Math.max(1, width));
    setSight({
      ...shown,
      longitude: ((((shown.longitude + x * degrees + 180) % 360) + 360) % 360) - 180,
      latitude: Math.max(-LATITUDE_MAX, Math.min(LATITUDE_MAX, shown.latitude - y * degrees * 0.8)),
    });
  };
  const zoom = (by: number): void =>
    setSight({ ...shown, zoom: Math.min(ZOOM_MAX, Math.max(0.3, shown.zoom * by)) });
  const press = (event: KeyboardEvent): void => {
    const step: Record<string, () => void> = {
      ArrowLeft: () => move(-60, 0),
      ArrowRight: () => move(60, 0),
      ArrowUp: () => move(0, -60),
      ArrowDown: () => move(0, 60),
      '+': () => zoom(1.6),
      '-': () => zoom(1 / 1.6),
    };
    if (!step[event.key]) return;
    event.preventDefault();
    step[event.key]!();
  };
  const drag = (event: PointerEvent): void => {
    let [x, y, far] = [event.clientX, event.clientY, 0];
    const place = event.currentTarget as HTMLElement;
    let at = shown;
    const degrees = 360 / (shown.zoom * Math.max(1, width));
    const moved = (next: PointerEvent): void => {
      far += Math.abs(next.clientX - x) + Math.abs(next.clientY - y);
      at = {
        ...at,
        longitude: at.longitude - (next.clientX - x) * degrees,
        latitude: Math.max(
          -LATITUDE_MAX,
          Math.min(LATITUDE_MAX, at.latitude + (next.clientY - y) * degrees * 0.8),
        ),
      };
      [x, y] = [next.clientX, next.clientY];
      setSight(at);
    };
    const end = (last: PointerEvent): void => {
      place.removeEventListener('pointermove', moved);
      place.removeEventListener('pointerup', end);
      place.removeEventListener('pointercancel', end);
      if (far < 5 && last.type === 'pointerup') choose(last);
    };
    place.setPointerCapture(event.pointerId);
    place.addEventListener('pointermove', moved);
    place.addEventListener('pointerup', end);
    place.addEventListener('pointercancel', end);
  };
  const choose = (event: PointerEvent): void => {
    const at = canvas.current!.getBoundingClientRect();
    const [x, y] = [event.clientX - at.left, event.clientY - at.top];
    const dot = dots.current.find(one => Math.hypot(one.x - x, one.y - y) < 14);
    if (!dot) return;
    if (dot.of.length === 1) go(`/devices/${piece(dot.of[0]!.device)}`);
    else {
      const near = around(dot.of, aspect);
      setSight({ ...near, zoom: Math.max(near.zoom, shown.zoom * 2) });
    }
  };
  return (
    <>
      <div class="world" ref={box}>
        <canvas
          ref={canvas}
          role="application"
          tabIndex={0}
          aria-label={`Map of ${of.length} devices: arrow keys move it, + and - zoom; Table has the same as text`}
          onKeyDown={press}
          onPointerDown={drag}
        />
      </div>
      <div class="row small">
        <button type="button" class="plain" aria-label="Closer" onClick={() => zoom(1.6)}>
          +
        </button>
        <button type="button" class="plain" aria-label="Farther" onClick={() => zoom(1 / 1.6)}>
          −
        </button>
        <button type="button" class="plain" onClick={() => setSight(undefined)}>
          All devices
        </button>
        <span class="muted">Natural Earth</span>
      </div>
    </>
  );
}

const known = new Map<string, Promise<GeoJSON.FeatureCollection>>();

/** Borders, read once; the fine ones take the place of the coarse when they are there. */
function useLand(detailed: boolean): GeoJSON.FeatureCollection | undefined {
  const [land, setLand] = useState<GeoJSON.FeatureCollection>();
  useEffect(() => {
    let gone = false;
    const address = detailed ? fine : coarse;
    let reading = known.get(address);
    if (!reading) known.set(address, (reading = read(address)));
    reading.then(
      found => !gone && setLand(found),
      () => known.delete(address),
    );
    return () => {
      gone = true;
    };
  }, [detailed]);
  return land;
}

async function read(address: string): Promise<GeoJSON.FeatureCollection> {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  const world = (await answer.json()) as Topology;
  return feature(world, world.objects['countries']!) as GeoJSON.FeatureCollection;
}

function draw(canvas: HTMLCanvasElement, at: Sight, land: GeoJSON.FeatureCollection, of: Spot[]): Dot[] {
  const box = canvas.parentElement!;
  const [width, height, fine] = [box.clientWidth, box.clientHeight, devicePixelRatio || 1];
  canvas.width = width * fine;
  canvas.height = height * fine;
  const pen = canvas.getContext('2d')!;
  pen.scale(fine, fine);
  const style = getComputedStyle(canvas);
  const colour = (token: string): string => {
    // light-dark() is resolved where it is used, not where the token is read.
    const probe = document.createElement('span');
    probe.style.color = `var(${token})`;
    box.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const projection = geoMercator()
    .scale((width / (2 * Math.PI)) * at.zoom)
    .center([0, at.latitude])
    .rotate([-at.longitude, 0])
    .translate([width / 2, height / 2])
    .clipExtent([
      [0, 0],
      [width, height],
    ]);
  const path = geoPath(projection, pen);
  pen.fillStyle = colour('--sunk');
  pen.fillRect(0, 0, width, height);
  pen.beginPath();
  path(geoGraticule10());
  pen.strokeStyle = colour('--line');
  pen.lineWidth = 0.4;
  pen.stroke();
  pen.beginPath();
  path(land);
  pen.fillStyle = colour('--card');
  pen.fill();
  pen.strokeStyle = colour('--line-strong');
  pen.lineWidth = 0.6;
  pen.stroke();
  const dots = clusters(of, spot => projection([spot.longitude, spot.latitude]), width, height);
  pen.font = `600 11px ${style.fontFamily}`;
  pen.textAlign = 'center';
  pen.textBaseline = 'middle';
  const late = colour('--warn');
  const good = colour('--good');
  const muted = colour('--muted');
  for (const dot of dots) {
    const wrong = dot.of.some(one => one.state === 'late');
    const radius = dot.of.length === 1 ? 6 : 11;
    pen.beginPath();
    // A square is late, a circle is not: colour is not the only sign.
    if (wrong) pen.rect(dot.x - radius, dot.y - radius, radius * 2, radius * 2);
    else pen.arc(dot.x, dot.y, radius, 0, 2 * Math.PI);
    pen.fillStyle = wrong ? late : dot.of.some(one => one.state === 'good') ? good : muted;
    pen.fill();
    pen.strokeStyle = colour('--card');
    pen.lineWidth = 1.5;
    pen.stroke();
    if (dot.of.length > 1) {
      pen.fillStyle = colour('--card');
      pen.fillText(String(dot.of.length), dot.x, dot.y + 0.5);
    }
  }
  return dots;
}

function clusters(
  of: Spot[],
  project: (spot: Spot) => [number, number] | null,
  width: number,
  height: number,
): Dot[] {
  const cells = new Map<string, Dot>();
  for (const spot of of) {
    const at = project(spot);
    if (!at || at[0] < -NEAR || at[1] < -NEAR || at[0] > width + NEAR || at[1] > height + NEAR) continue;
    const key = `${Math.floor(at[0] / NEAR)} ${Math.floor(at[1] / NEAR)}`;
    const cell = cells.get(key);
    if (cell) cell.of.push(spot);
    else cells.set(key, { x: at[0], y: at[1], of: [spot] });
  }
  return [...cells.values()];
}
