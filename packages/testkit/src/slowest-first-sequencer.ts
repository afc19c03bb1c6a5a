import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Starts the files that wait for servers first, so that the quick ones fill the gaps and none of the long ones is left for the end. */
export class SlowestFirstSequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const waits = (file: TestSpecification): number => Number(/(?:redis|cluster)\.test\.ts$/.test(file.moduleId));
    return sorted.toSorted((one, other) => waits(other) - waits(one));
  }
}
