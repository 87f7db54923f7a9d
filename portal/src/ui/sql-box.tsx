// The editor as a piece of a page: the text stands there until the editor has been read, which is when it is first shown.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SqlSchema } from '../core/model';
import type { Editor } from './editor';

export interface SqlBoxProps {
  /** What it begins with; later it says what it has by `onChange`. */
  sql: string;
  /** Tables and columns to complete with. */
  schema?: SqlSchema | undefined;
  /** Where the mistake is. */
  mistake?: { line: number; column: number } | undefined;
  onChange: (sql: string) => void;
  /** Ctrl Enter. */
  onRun: () => void;
  /** Gets the editor once it is there. */
  onReady?: (editor: Editor) => void;
}

export function SqlBox(props: SqlBoxProps): JSX.Element {
  const { sql, schema, mistake } = props;
  const box = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor>();
  const latest = useRef(props);
  latest.current = props;

  useEffect(() => {
    let gone = false;
    let made: Editor | undefined;
    void import('./editor').then(({ edit }) => {
      if (gone || !box.current) return;
      made = edit(
        box.current,
        sql,
        text => latest.current.onChange(text),
        () => latest.current.onRun(),
      );
      latest.current.onReady?.(made);
      setEditor(made);
    });
    return () => {
      gone = true;
      made?.close();
    };
  }, []);
  useEffect(() => {
    if (schema) editor?.know(schema);
  }, [editor, schema]);
  useEffect(() => editor?.mark(mistake), [editor, mistake?.line, mistake?.column]);

  return (
    <div class="editor" ref={box}>
      {!editor && <pre>{sql}</pre>}
    </div>
  );
}
