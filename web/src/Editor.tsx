import { type Ref, useEffect, useId, useImperativeHandle, useRef, useState } from 'react';
import type { Suggestions } from './complete';

export interface EditorHandle {
  /** Puts the caret on a mistake. */
  select: (place: number) => void;
}

export interface EditorProps {
  id: string;
  label: string;
  value: string;
  wrong: boolean;
  change: (text: string) => void;
  run: () => void;
  suggest: (text: string, caret: number) => Suggestions | null;
  /** Another number when there is more to suggest. */
  version: number;
  ref: Ref<EditorHandle>;
}

/** A text with suggestions below it: arrows choose one, Enter or Tab take it, Escape closes. */
export function Editor({ id, label, value, wrong, change, run, suggest, version, ref }: EditorProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  const [open, setOpen] = useState<Suggestions | null>(null);
  const [chosen, setChosen] = useState(-1);
  const writing = useRef(false);
  useImperativeHandle(ref, () => ({
    select: (place) => {
      area.current?.focus();
      area.current?.setSelectionRange(place, place + 1);
    },
  }));
  const close = () => {
    writing.current = false;
    setOpen(null);
  };
  const look = (element: HTMLTextAreaElement) => {
    writing.current = true;
    const found = suggest(element.value, element.selectionStart);
    setOpen(found !== null && found.words.length > 0 ? found : null);
    setChosen(-1);
  };
  useEffect(() => {
    if (writing.current && area.current !== null) look(area.current);
  }, [version]);
  const take = (word: string) => {
    const element = area.current;
    if (element === null || open === null) return;
    const caret = open.from + word.length;
    change(value.slice(0, open.from) + word + value.slice(element.selectionStart));
    close();
    // after the new text stands there
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(caret, caret);
    });
  };
  const words = open?.words ?? [];
  return (
    <>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        ref={area}
        spellCheck={false}
        autoCapitalize="off"
        autoComplete="off"
        value={value}
        rows={Math.min(16, Math.max(5, value.split('\n').length + 1))}
        aria-invalid={wrong}
        aria-describedby={wrong ? 'wrong' : undefined}
        aria-autocomplete="list"
        aria-controls={open === null ? undefined : list}
        aria-activedescendant={chosen < 0 ? undefined : `${list}-${chosen}`}
        onChange={(event) => {
          change(event.target.value);
          look(event.target);
        }}
        onBlur={close}
        onKeyDown={(event) => {
          const word = words[chosen];
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            close();
            run();
          } else if (event.key === ' ' && event.ctrlKey) {
            event.preventDefault();
            look(event.currentTarget);
          } else if (open === null) {
            return;
          } else if (event.key === 'Escape') {
            close();
          } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            event.preventDefault();
            setChosen((at) => (at + (event.key === 'ArrowDown' ? 1 : words.length) + (at < 0 && event.key === 'ArrowUp' ? 1 : 0)) % words.length);
          } else if ((event.key === 'Enter' || event.key === 'Tab') && word !== undefined) {
            event.preventDefault();
            take(word);
          }
        }}
      />
      <ul id={list} className="suggestions" role="listbox" aria-label="Suggestions" hidden={open === null}>
        {words.map((word, at) => (
          <li
            key={word}
            id={`${list}-${at}`}
            role="option"
            aria-selected={at === chosen}
            onMouseDown={(event) => {
              event.preventDefault();
              take(word);
            }}
          >
            {word}
          </li>
        ))}
      </ul>
    </>
  );
}
