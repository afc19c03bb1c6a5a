/** Makes one call of what is asked for at the same time: a statement for many questions costs hardly more than one for one. */
export class Gatherer<In, Out> {
  readonly #run: (items: readonly In[]) => Promise<readonly Out[]>;
  readonly #most: number;
  #waiting: { readonly item: In; readonly resolve: (out: Out) => void; readonly reject: (error: unknown) => void }[] =
    [];

  /** `run` resolves with one result per item, in their order. */
  constructor(run: (items: readonly In[]) => Promise<readonly Out[]>, most = 64) {
    this.#run = run;
    this.#most = most;
  }

  ask(item: In): Promise<Out> {
    const { promise, resolve, reject } = Promise.withResolvers<Out>();
    if (this.#waiting.length === 0) setImmediate(() => this.#leave());
    this.#waiting.push({ item, resolve, reject });
    return promise;
  }

  #leave(): void {
    const all = this.#waiting;
    this.#waiting = [];
    for (let start = 0; start < all.length; start += this.#most) {
      const batch = all.slice(start, start + this.#most);
      this.#run(batch.map(({ item }) => item)).then(
        (outs) => batch.forEach(({ resolve }, place) => void resolve(outs[place] as Out)),
        (error) => batch.forEach(({ reject }) => void reject(error)),
      );
    }
  }
}
