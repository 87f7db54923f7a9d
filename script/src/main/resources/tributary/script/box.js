// Makes the world of a function: what is kept of JavaScript, a clock and a chance that are given with each call, and all
// of it frozen, so that no call leaves anything behind for the next.
(function () {
  'use strict';
  const Between = Proxy;
  const isView = ArrayBuffer.isView;
  const kept = new Set(['Object', 'Function', 'Array', 'String', 'Number', 'Boolean', 'Symbol', 'Math', 'JSON', 'Date',
    'RegExp', 'Map', 'Set', 'Error', 'TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'EvalError', 'URIError',
    'ArrayBuffer', 'DataView', 'Uint8Array', 'Int8Array', 'Uint8ClampedArray', 'Uint16Array', 'Int16Array', 'Uint32Array',
    'Int32Array', 'Float32Array', 'Float64Array', 'Reflect', 'parseInt', 'parseFloat', 'isNaN', 'isFinite', 'NaN',
    'Infinity', 'undefined', 'encodeURIComponent', 'decodeURIComponent', 'encodeURI', 'decodeURI', 'globalThis']);
  for (const name of Reflect.ownKeys(globalThis)) {
    if (!kept.has(name)) {
      delete globalThis[name];
    }
  }

  let now = 0;
  let chance = 0;
  const Real = Date;
  Real.now = function now_() { return now; };
  const Given = new Between(Real, {
    construct: (target, args, made) => Reflect.construct(target, args.length === 0 ? [now] : args, made),
    apply: () => new Real(now).toString(),
  });
  Real.prototype.constructor = Given;
  globalThis.Date = Given;
  Math.random = function random() { // mulberry32
    chance = (chance + 0x6D2B79F5) | 0;
    let t = Math.imul(chance ^ (chance >>> 15), 1 | chance);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  // these go over a length in one step that nothing can end: no length is without bound
  const LONGEST = 1000000;
  const { apply, getOwnPropertyDescriptor } = Reflect;
  const { isArray } = Array;
  const bounded = (it) => {
    if (it === null || it === undefined || typeof it === 'string') {
      return;
    }
    const length = isArray(it) || isView(it) ? it.length : getOwnPropertyDescriptor(it, 'length')?.value;
    if (length > LONGEST || (length === undefined && it.length !== undefined)) {
      throw new RangeError('a list may have at most ' + LONGEST + ' items');
    }
  };
  const bind = (home, name, at) => {
    const own = home[name];
    if (typeof own === 'function' && name !== 'constructor') {
      home[name] = { [name](...values) {
        bounded(at(this, values));
        for (let i = 0; i < values.length; i++) {
          if (isArray(values[i])) {
            bounded(values[i]);
          }
        }
        return apply(own, this, values);
      } }[name];
    }
  };
  for (const name of Reflect.ownKeys(Array.prototype)) {
    bind(Array.prototype, name, (self) => self);
  }
  bind(Array, 'from', (self, values) => values[0]);
  bind(Reflect, 'apply', (self, values) => values[2]);
  bind(Reflect, 'construct', (self, values) => values[1]);
  bind(Function.prototype, 'apply', (self, values) => values[1]);
  const missing = [...Reflect.ownKeys(globalThis)].find((name) => !kept.has(name));
  if (missing !== undefined) {
    throw new Error('cannot remove ' + String(missing));
  }

  const seen = new Set();
  const freeze = (root) => {
    const open = [root];
    while (open.length > 0) {
      const it = open[open.length - 1];
      open.length -= 1;
      if (it === null || (typeof it !== 'object' && typeof it !== 'function') || seen.has(it)) {
        continue;
      }
      seen.add(it);
      if (!isView(it)) {
        Object.freeze(it);
      }
      open[open.length] = Reflect.getPrototypeOf(it);
      for (const key of Reflect.ownKeys(it)) {
        const about = Reflect.getOwnPropertyDescriptor(it, key);
        open[open.length] = about.value;
        open[open.length] = about.get;
        open[open.length] = about.set;
      }
    }
  };
  freeze(globalThis);
  for (const hidden of [[].values(), ''[Symbol.iterator](), new Map().values(), new Set().values(), 'a'.matchAll(/a/g),
    function* () {}, async function () {}, async function* () {}, (function* () {})(), (async function* () {})(),
    (async function () {})(), Real]) {
    freeze(hidden);
  }

  const { parse, stringify } = JSON;
  return (own) => {
    Object.freeze(own);
    Object.freeze(own.prototype);
    return (json, undefineds, at, seed) => {
      now = at;
      chance = seed;
      const values = parse(json);
      if (undefineds !== '') {
        for (const place of undefineds.split(',')) {
          values[place] = undefined;
        }
      }
      const answer = own(...values);
      return answer === undefined ? undefined : stringify(answer);
    };
  };
})()
