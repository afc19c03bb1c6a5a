import { closedError } from '../errors.ts';
import type { EngineSource } from './embedded-connection.ts';
import { openThread } from './thread-link.ts';
import type { EngineSettings } from './wire.ts';

/** An engine that nobody else can reach. */
export async function privateEngine(settings: EngineSettings): Promise<EngineSource> {
  const { link, close } = await openThread(settings);
  let isClosed = false;
  return {
    link: async () => {
      if (isClosed) throw closedError();
      return link;
    },
    get isClosed() {
      return isClosed;
    },
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      await close();
    },
  };
}
