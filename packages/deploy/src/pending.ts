// Composing is synchronous: a thousand sections would otherwise wait for each other six thousand times. The one thing in
// it that takes time is the import of a module in which a package says its entry points, and that is rare: whoever needs
// one throws what it waits for, and the composition is begun anew when it has come.

/** Thrown where composing needs something that is on its way. */
export class Pending {
  readonly coming: Promise<unknown>;

  constructor(coming: Promise<unknown>) {
    this.coming = coming;
  }
}

/** The result of composing, with whatever it has to wait for. */
export async function settled<T>(compose: () => T): Promise<T> {
  for (;;)
    try {
      return compose();
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      await error.coming;
    }
}
