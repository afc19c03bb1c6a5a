import type { Epoch, TagAuthority } from '@agent-cache/core-tier';
import { sql } from 'drizzle-orm';
import { bytesText, idOf, textBytes } from './codec.ts';
import { tagsNote } from './notes.ts';
import type { TierSite } from './site.ts';

/** The sequence of invalidations of a namespace. */
export function tagsOf(site: TierSite): TagAuthority {
  const { namespace } = site.settings;
  return {
    epoch: () => site.row<Epoch>(sql`select generation, sequence from agent_cache.ac_epoch(${namespace})`),
    bump: (tags) => {
      const distinct = [...new Set(tags)];
      const ids = distinct.map((tag) => idOf('tag', tag));
      return site.row<Epoch>(sql`select generation, sequence from agent_cache.ac_bump_tags(${namespace},
        ${sql.param(ids)}::bytea[], ${sql.param(distinct.map(textBytes))}::bytea[], ${site.channel}, ${tagsNote(site.source, tags)})`);
    },
    since: async ({ generation, sequence }) => {
      // One statement: the state and the bumps are of one moment.
      const rows = await site.rows<{ known: boolean; name: Uint8Array | null; sequence: number }>(sql`
        select s.generation = ${generation} and s.floor <= ${sequence}::bigint as known, b.name, b.sequence
        from agent_cache.ac_state s left join agent_cache.ac_bump b
          on b.namespace = s.namespace and b.name is not null and b.sequence > ${sequence}::bigint
        where s.namespace = ${namespace}`);
      if (rows[0]?.known !== true) return 'everything';
      return new Map(rows.flatMap(({ name, sequence: at }) => (name === null ? [] : [[bytesText(name), at] as const])));
    },
  };
}
