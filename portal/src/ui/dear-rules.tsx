// Which rules take the most time.
import type { JSX } from 'preact';
import { get, piece } from '../core/api';
import * as format from '../core/format';
import type { Rule, RuleCost } from '../core/model';
import { who } from '../core/session';
import { useLoad } from './load';
import { Card, Trouble } from './pieces';

/** Rules that take the most time: those of all tenants where that may be seen, else this tenant's own. */
export function DearRules({ of }: { of: RuleCost[] | undefined }): JSX.Element {
  const own = useLoad(
    signal => (of ? Promise.resolve(undefined) : get<{ rules: Rule[] }>('/api/v1/rules', signal)),
    [of === undefined],
    of ? undefined : 10_000,
  );
  const costs: RuleCost[] =
    of ?? own.data?.rules.flatMap(({ name, figures }) => (figures ? [{ rule: name, ...figures }] : [])) ?? [];
  const shown = [...costs].sort((a, b) => total(b) - total(a)).slice(0, 10);
  const mine = who.value?.tenant;
  return (
    <Card title="Rules that take the most time">
      <Trouble of={own.problem} />
      {shown.length === 0 && <p class="muted">No rule runs.</p>}
      {shown.length > 0 && (
        <div class="scroll-x" tabIndex={0} role="region" aria-label="Rules that take the most time">
          <table>
            <thead>
              <tr>
                <th scope="col">Rule</th>
                <th scope="col" class="number">
                  A message
                </th>
                <th scope="col" class="number">
                  Messages
                </th>
                <th scope="col" class="number">
                  Failed
                </th>
                <th scope="col" class="number">
                  In all
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map(one => (
                <tr key={`${one.tenant ?? ''} ${one.rule}`}>
                  <td>
                    {one.tenant && one.tenant !== mine ? (
                      `${one.tenant}: ${one.rule}`
                    ) : (
                      <a href={`/rules/${piece(one.rule)}`}>{one.rule}</a>
                    )}
                  </td>
                  <td class="number">{format.brief(one.microsAMessage)} µs</td>
                  <td class="number">{format.brief(one.taken)}</td>
                  <td class="number">{format.brief(one.failed)}</td>
                  <td class="number">{format.brief(total(one) / 1e6)} s</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

const total = (of: RuleCost): number => of.microsAMessage * of.taken;
