/**
 * The smallest edit of a keepalived.conf that makes the declared virtual services right. Pure. What cannot be edited
 * safely is refused with the place to edit by hand. Services that are not declared are not touched.
 */
import { IpvetError } from '../errors.ts';
import type { Cluster, VirtualService } from '../model/cluster.ts';
import type { ConfStatement, KeepalivedConf } from '../parse/keepalived-conf.ts';
import { parseKeepalivedConf } from '../parse/keepalived-conf.ts';
import { redactor } from '../redaction.ts';
import { flagLines, methodWord, newCheck, newService, realServerLines, sharedCheck } from './conf-blocks.ts';
import {
  applyEdits,
  indentUnit,
  insertionEdit,
  lineAfterEdit,
  removalEdit,
  type TextEdit,
  valueEdit,
} from './conf-edits.ts';
import {
  type ConfFile,
  type ConfRealServer,
  type ConfService,
  declaredInConf,
  flagStatements,
  keyword,
  lastOf,
} from './keepalived-conf.ts';
import { declaredService, differs, type RealServerView, samePlace, type ServiceView } from './rules-view.ts';

export interface ConfChange {
  /** Name of the virtual service in the cluster file. */
  readonly service: string;
  /** `web: change weight of rs1 (10.10.10.10:80) from 1 to 3` */
  readonly description: string;
  /** Line of the file as it was; absent for what is new at its end. */
  readonly line?: number;
}

export interface EditedConf {
  readonly text: string;
  readonly changes: readonly ConfChange[];
}

/** The file's path, the files it includes, and the include patterns that could not be read. */
export interface ConfSurroundings {
  readonly path: string;
  readonly included: readonly ConfFile[];
  readonly unread: readonly string[];
}

type Declared = Pick<Cluster, 'virtualServices'>;

interface Draft {
  readonly edits: TextEdit[];
  readonly changes: ConfChange[];
}

interface Task {
  readonly conf: KeepalivedConf;
  readonly path: string;
  readonly found: ConfService;
  readonly wanted: ServiceView;
  readonly service: VirtualService;
  readonly draft: Draft;
}

/** Throws REFUSED with file and line for what it cannot edit, ParseError for a text that is no configuration. */
export function editConf(text: string, cluster: Declared, around: ConfSurroundings): EditedConf {
  const { path } = around;
  const conf = parseKeepalivedConf(text, path);
  const view = declaredInConf([{ path, conf }, ...around.included], around.unread);
  const draft: Draft = { edits: [], changes: [] };
  const appended: string[] = [];
  for (const service of cluster.virtualServices) {
    const wanted = declaredService(service);
    const [found, second] = view.services.filter(({ key }) => key === wanted.key);
    if (found !== undefined && second !== undefined)
      throw refusal(second, service, `it is there twice, first in ${found.path} line ${found.line}`);
    if (found !== undefined) {
      editService({ conf, path, found, wanted, service, draft });
      continue;
    }
    const [generator] = view.generators;
    if (generator !== undefined)
      throw refusal(generator, service, `"${redactor.text(generator.what)}" there may be what makes it`);
    appended.push(newService(service, wanted, indentUnit(conf)));
    draft.changes.push({ service: service.name, description: `${service.name}: add virtual server ${wanted.key}` });
  }
  let edited = applyEdits(text, draft.edits);
  for (const block of appended) edited += `${edited === '' || edited.endsWith('\n') ? '' : '\n'}\n${block}`;
  mustBeRight(edited, cluster, around);
  return { text: edited, changes: draft.changes };
}

function editService(task: Task): void {
  const { found, path, service, draft } = task;
  const before = draft.changes.length;
  editHead(task);
  editRealServers(task);
  if (draft.changes.length === before) return;
  if (found.path !== path) throw refusal(found, service, 'it is in an included file');
  if (found.group !== undefined) throw refusal(found, service, `it is part of virtual_server_group ${found.group}`);
  if (found.unsure !== undefined)
    throw refusal({ path, line: found.unsure }, service, 'a variable or a condition (@) decides what it says');
}

function editHead(task: Task): void {
  const { found, wanted, service } = task;
  const own = (statement: ConfStatement | undefined) => statement ?? found.block;
  if (differs(found.scheduler, wanted.scheduler)) {
    const line = lastOf(found.block, 'lb_algo', 'lvs_sched');
    put(task, own(line), `${line === undefined ? 'lb_algo' : keyword(line)} ${wanted.scheduler ?? ''}`);
    changed(task, line, `change scheduler from ${found.scheduler ?? ''} to ${wanted.scheduler ?? ''}`);
  }
  editFlags(task);
  if (found.forwarding !== service.forwarding && found.realServers.some(saysNoMethod)) {
    const line = lastOf(found.block, 'lb_kind', 'lvs_method');
    const word = methodWord[service.forwarding];
    put(task, own(line), `${line === undefined ? 'lb_kind' : keyword(line)} ${word}`);
    changed(task, line, `change forwarding from ${found.forwarding ?? 'what is not known'} to ${service.forwarding}`);
  }
  setOrRemove(task, 'persistence_timeout', 'persistence', [found.persistenceS, wanted.persistenceS]);
  setOrRemove(task, 'persistence_granularity', 'persistence netmask', [found.netmask, wanted.netmask]);
  setOrRemove(task, 'persistence_engine', 'persistence engine', [found.engine, wanted.engine]);
  if (!differs(found.onePacket, wanted.onePacket)) return;
  const line = lastOf(found.block, 'ops');
  if (line === undefined) put(task, found.block, 'ops');
  else remove(task, line);
  changed(task, line, `turn one-packet scheduling ${wanted.onePacket === true ? 'on' : 'off'}`);
}

/** Flags belong to one scheduler, and keepalived reads them with the scheduler that stands before them. */
function editFlags(task: Task): void {
  const { found, wanted, conf, draft } = task;
  const old = flagStatements(found.block);
  const rescheduled = differs(found.scheduler, wanted.scheduler);
  const flags = wanted.flags ?? (rescheduled ? 'none' : found.flags);
  if (rescheduled ? old.length === 0 && flags === 'none' : !differs(found.flags, flags)) return;
  for (const statement of old) remove(task, statement);
  const scheduler = lastOf(found.block, 'lb_algo', 'lvs_sched');
  if (scheduler !== undefined) draft.edits.push(lineAfterEdit(conf.text, scheduler, flagLines(flags)));
  else for (const line of flagLines(flags)) put(task, found.block, line);
  changed(task, old[0] ?? scheduler, `change scheduler flags from ${found.flags ?? ''} to ${flags ?? ''}`);
}

function setOrRemove(
  task: Task,
  key: string,
  what: string,
  [from, to]: readonly [string | number | undefined, string | number | undefined],
): void {
  if (!differs(from, to) || to === undefined) return;
  const { found } = task;
  const line = lastOf(found.block, key);
  if (to === 0 || to === 'none')
    for (const each of found.block.statements.filter((statement) => keyword(statement) === key)) remove(task, each);
  else put(task, line ?? found.block, `${key} ${to}`);
  changed(task, line, `change ${what} from ${from ?? ''} to ${to}`);
}

function editRealServers(task: Task): void {
  const { found, wanted, conf, service, path, draft } = task;
  const left = new Set(found.realServers);
  const added: RealServerView[] = [];
  for (const server of wanted.realServers) {
    const old = found.realServers.find((each) => samePlace(server, each));
    if (old === undefined) added.push(server);
    else {
      left.delete(old);
      editRealServer(task, old, server);
    }
  }
  for (const old of left) {
    const text = found.path === path ? conf.text.slice(old.statement.start, old.statement.end) : '';
    // What is taken out is kept for the way back, and a password is kept nowhere.
    if (redactor.text(text) !== text)
      throw refusal({ path, line: old.line }, service, `the real server ${old.place} there has a password`);
    remove(task, old.statement);
    changed(task, old.statement, `remove real server ${old.place}, which is not declared`);
  }
  const last = found.realServers.at(-1)?.statement ?? found.block.statements.at(-1);
  const unit = indentUnit(conf);
  for (const server of added) {
    const check = (found.path === path ? sharedCheck(conf.text, found) : undefined) ?? newCheck(service, unit);
    // It takes its service's method, unless all others say their own and the service says another.
    const plain = found.realServers.some(saysNoMethod) || found.forwarding === service.forwarding;
    const lines = realServerLines({
      server,
      check,
      unit,
      ...(plain ? {} : { method: methodWord[service.forwarding] }),
    });
    draft.edits.push(
      last === undefined
        ? insertionEdit(conf.text, found.block, lines.join('\n'))
        : lineAfterEdit(conf.text, last, lines),
    );
    changed(task, found.statement, `add real server ${nameOf(server)} weight ${server.weight ?? 1}`);
  }
}

function editRealServer(task: Task, old: ConfRealServer, wanted: RealServerView): void {
  const { service, path } = task;
  const set = (what: string, key: string, from: unknown, to: number | string | undefined) => {
    if (to === undefined || !differs<unknown>(from, to)) return;
    const place = lastOf(old.block, key) ?? old.block;
    if (place === undefined) throw refusal({ path, line: old.line }, service, `${old.place} has no block there`);
    put(task, place, `${key} ${to}`);
    const text = `change ${what} of ${nameOf(wanted)} from ${String(from)} to ${to}`;
    changed(task, lastOf(old.block, key) ?? old.statement, text);
  };
  set('weight', 'weight', old.weight, wanted.weight);
  set('upper threshold', 'uthreshold', old.upperThreshold, wanted.upperThreshold);
  set('lower threshold', 'lthreshold', old.lowerThreshold, wanted.lowerThreshold);
  const own = lastOf(old.block, 'lvs_method', 'lb_kind');
  if (own !== undefined && old.forwarding !== service.forwarding)
    set('forwarding', keyword(own), own.words[1]?.text ?? '', methodWord[service.forwarding]);
}

/** Gives a statement the value that `line` has for its keyword, or puts the line first in a block. */
function put({ conf, draft }: Task, place: ConfStatement | ConfService['block'], line: string): void {
  draft.edits.push(
    'words' in place ? valueEdit(place, line.slice(line.indexOf(' ') + 1)) : insertionEdit(conf.text, place, line),
  );
}

function remove({ conf, draft }: Task, statement: ConfStatement): void {
  draft.edits.push(removalEdit(conf.text, statement));
}

function changed({ service, found, draft }: Task, at: ConfStatement | undefined, what: string): void {
  draft.changes.push({
    service: service.name,
    description: `${service.name}: ${what}`,
    line: at?.line ?? found.line,
  });
}

function saysNoMethod({ block }: ConfRealServer): boolean {
  return lastOf(block, 'lvs_method', 'lb_kind') === undefined;
}

function nameOf({ name, place }: RealServerView): string {
  return name === undefined ? place : `${name} (${place})`;
}

/** An edit that does not say what was meant must not leave here. */
function mustBeRight(text: string, cluster: Declared, { path, included, unread }: ConfSurroundings): void {
  const view = declaredInConf([{ path, conf: parseKeepalivedConf(text, path) }, ...included], unread);
  for (const service of cluster.virtualServices) {
    const wanted = declaredService(service);
    const found = view.services.find(({ key }) => key === wanted.key);
    const fields = ['scheduler', 'persistenceS', 'netmask', 'engine', 'onePacket', 'flags'] as const;
    const same =
      found !== undefined &&
      fields.every((field) => !differs(found[field], wanted[field])) &&
      found.realServers.length === wanted.realServers.length &&
      wanted.realServers.every((server) => found.realServers.some((other) => sameServer(server, other)));
    if (!same)
      throw new IpvetError('REFUSED', `${path} cannot be edited safely for ${service.name}`, {
        hint: 'edit it by hand; `ipvet rules plan` shows what differs',
      });
  }
}

function sameServer(wanted: RealServerView, found: RealServerView): boolean {
  const fields = ['weight', 'forwarding', 'upperThreshold', 'lowerThreshold'] as const;
  return samePlace(wanted, found) && fields.every((field) => !differs(found[field], wanted[field]));
}

function refusal(
  { path, line }: { readonly path: string; readonly line: number },
  service: VirtualService,
  why: string,
): IpvetError {
  return new IpvetError('REFUSED', `${path} line ${line}: ${service.name} is not edited: ${why}`, {
    hint: 'edit that place by hand; `ipvet rules plan` shows what differs',
  });
}
