/** Tells listeners what happens. Events maps the name of each event to what it carries. */
export class Emitter<Events extends Record<string, unknown>> {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>();

  /** Calls listener with each event of this name, until what on returns is called. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void {
    // A function of its own, so that a listener that is given twice is called twice, and each can leave alone.
    const entry = (value: Events[Name]) => listener(value);
    const entries = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, entries.add(entry));
    return () => void entries.delete(entry);
  }

  /** Calls the listeners in their order. One that throws harms nobody else: what it threw is reported like any uncaught error. */
  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    // A copy: what a listener adds or removes counts from the next event on.
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(value as never);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
