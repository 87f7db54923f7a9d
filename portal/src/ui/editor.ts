// The SQL editor. Read when it is first wanted: it weighs more than everything else together.
//
// It lives in a shadow root, because only there its styles are sheets that the page's policy allows.
import { autocompletion } from '@codemirror/autocomplete';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { Compartment, EditorState, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, keymap } from '@codemirror/view';
import { basicSetup } from 'codemirror';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { tags } from '@lezer/highlight';
import type { SqlSchema } from '../core/model';

export interface Editor {
  text(): string;
  set(text: string): void;
  /** Underlines from a place to the end of its word; nothing where it is undefined. */
  mark(place: { line: number; column: number } | undefined): void;
  know(schema: SqlSchema): void;
  close(): void;
}

const setMark = StateEffect.define<{ from: number; to: number } | undefined>();

const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(before, change) {
    let now = before.map(change.changes);
    for (const effect of change.effects) {
      if (effect.is(setMark)) {
        now = effect.value
          ? Decoration.set([Decoration.mark({ class: 'mistake' }).range(effect.value.from, effect.value.to)])
          : Decoration.none;
      }
    }
    return now;
  },
  provide: field => EditorView.decorations.from(field),
});

const look = EditorView.theme({
  '&': { minHeight: '150px', maxHeight: '45vh', color: 'var(--text)', backgroundColor: 'var(--card)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '0.9rem', lineHeight: '1.5' },
  '.cm-content': { caretColor: 'var(--text)' },
  '.cm-cursor': { borderLeftColor: 'var(--text)' },
  '.cm-gutters': {
    backgroundColor: 'var(--sunk)',
    color: 'var(--muted)',
    borderRight: '1px solid var(--line)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--sunk)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft)',
  },
  '.cm-matchingBracket': { backgroundColor: 'var(--accent-soft)', color: 'inherit' },
  '.cm-tooltip': {
    backgroundColor: 'var(--card)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
  },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--text)',
  },
  '.mistake': { textDecoration: 'underline wavy var(--bad)' },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--c1)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--c4)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--c2)' },
  { tag: tags.comment, color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.typeName, color: 'var(--c3)' },
]);

export function edit(
  place: HTMLElement,
  text: string,
  onChange: (text: string) => void,
  onRun: () => void,
): Editor {
  const language = new Compartment();
  place.replaceChildren();
  const root = place.shadowRoot ?? place.attachShadow({ mode: 'open' });
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        keymap.of([{ key: 'Mod-Enter', run: () => (onRun(), true) }]),
        basicSetup,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': 'SQL statement' }),
        language.of(sql({ dialect: PostgreSQL })),
        autocompletion({ maxRenderedOptions: 50 }),
        marks,
        look,
        syntaxHighlighting(colours),
        EditorView.updateListener.of(update => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    set: next => view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } }),
    mark(where) {
      if (!where || where.line > view.state.doc.lines) {
        view.dispatch({ effects: setMark.of(undefined) });
        return;
      }
      const line = view.state.doc.line(where.line);
      const from = Math.min(line.from + where.column - 1, Math.max(line.from, line.to - 1));
      const word = /^[\w.]+/.exec(line.text.slice(from - line.from));
      const to = Math.min(line.to, from + Math.max(1, word?.[0].length ?? 1));
      view.dispatch({ effects: setMark.of(from < to ? { from, to } : undefined) });
    },
    know(schema) {
      const tables: Record<string, string[]> = {};
      for (const table of schema.tables) tables[table.name] = table.columns.map(column => column.name);
      view.dispatch({ effects: language.reconfigure(sql({ dialect: PostgreSQL, schema: tables })) });
    },
    close: () => view.destroy(),
  };
}
