import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In the order in which they start, so that the quick ones fill the gaps and none of the long ones is left for the end. */
const long = [/soak/, /(?:redis|cluster)\.test\.ts$/, /readmes|processes|vitest\.test|laws|semantic\.test|long-run/];

/** Starts the files that wait for servers first, then the other long ones. */
export class SlowestFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = long.findIndex((pattern) => pattern.test(moduleId));
      return place < 0 ? long.length : place;
    };
    return sorted.toSorted((one, other) => rank(one) - rank(other));
  }
}
