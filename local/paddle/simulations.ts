/** Webhook simulations: test events that reach the destination signed with its real secret, under ids of their own. */
import { z } from 'zod';
import { restInstant, webhookInstant } from './clock.ts';
import { invalidFields, notFound, Refusal } from './errors.ts';
import { isEventType } from './event-types.ts';
import { page } from './paging.ts';
import type { Answer, Call, Route } from './router.ts';
import type { Destination, PaddleEvent, Simulation, SimulationRun } from './state.ts';
import { body, owned, pathId } from './validation.ts';
import type { World } from './world.ts';

const creation = z.strictObject({
  notification_setting_id: z.string().min(1),
  type: z.string().refine(isEventType, 'is not an event type'),
  name: z.string().min(1).max(150),
  payload: z.record(z.string(), z.unknown()).nullish(),
});

export function simulationRoutes(world: World): Route[] {
  const one = '/simulations/:simulation_id';
  const run = `${one}/runs/:simulation_run_id`;
  const read = 'notification_simulation.read';
  const write = 'notification_simulation.write';
  return [
    { method: 'POST', path: '/simulations', permission: write, handle: (call) => create(world, call) },
    { method: 'GET', path: '/simulations', permission: read, handle: (call) => list(world, call) },
    { method: 'GET', path: one, permission: read, handle: (call) => ({ status: 200, data: show(find(world, call)) }) },
    { method: 'POST', path: `${one}/runs`, permission: write, handle: (call) => startRun(world, call) },
    {
      method: 'GET',
      path: run,
      permission: read,
      handle: (call) => ({ status: 200, data: showRun(...findRun(world, call)) }),
    },
    { method: 'GET', path: `${run}/events`, permission: read, handle: (call) => listRunEvents(world, call) },
  ];
}

const find = (world: World, call: Call) =>
  owned(call, world.state.simulations, pathId(call, 'simulation_id', 'ntfsim'));

function findRun(world: World, call: Call): [Simulation, SimulationRun] {
  const simulation = find(world, call);
  const id = pathId(call, 'simulation_run_id', 'ntfsimrun');
  const run = simulation.runs.find((each) => each.id === id);
  if (!run) throw notFound(id);
  return [simulation, run];
}

function create(world: World, call: Call): Answer {
  const request = body(call, creation);
  const destination = world.state.destinations.get(request.notification_setting_id);
  if (destination?.environment !== call.environment) {
    throw invalidFields([{ field: 'notification_setting_id', message: 'is not a notification setting' }]);
  }
  const at = world.clock.micros();
  const simulation: Simulation = {
    id: world.ids.next('ntfsim'),
    environment: call.environment,
    destinationId: destination.id,
    name: request.name,
    type: request.type,
    payload: request.payload ?? null,
    createdAt: at,
    updatedAt: at,
    lastRunAt: null,
    runs: [],
  };
  world.state.simulations.set(simulation.id, simulation);
  return { status: 201, data: show(simulation) };
}

function list(world: World, call: Call): Answer {
  const items = [...world.state.simulations.values()].filter((each) => each.environment === call.environment);
  return page(call, { items, id: (each) => each.id, show, prefix: 'ntfsim' });
}

function startRun(world: World, call: Call): Answer {
  const simulation = find(world, call);
  const destination = world.state.destinations.get(simulation.destinationId);
  if (!destination || !takesSimulations(destination)) {
    throw new Refusal(
      'notification_simulation_run_notification_settings_conflict',
      'Simulations with an invalid notification setting cannot be run.',
    );
  }
  const at = world.clock.micros();
  const run: SimulationRun = {
    id: world.ids.next('ntfsimrun'),
    createdAt: at,
    notification: world.deliveries.simulate(destination, simulatedEvent(world, simulation, at)),
  };
  simulation.runs.push(run);
  simulation.lastRunAt = at;
  simulation.updatedAt = at;
  return { status: 201, data: { ...showRun(simulation, run), status: 'pending' } };
}

const takesSimulations = (destination: Destination) =>
  destination.active && destination.type === 'url' && destination.traffic_source !== 'platform';

function simulatedEvent(world: World, simulation: Simulation, at: number): PaddleEvent {
  const data = { ...example(simulation.type, webhookInstant(at)), ...simulation.payload };
  return {
    id: world.ids.next('ntfsimevt'),
    environment: simulation.environment,
    type: simulation.type,
    occurredAt: at,
    restData: data,
    webhookData: data,
    listedFrom: Number.POSITIVE_INFINITY,
  };
}

/** The demo entity of an event type. Only client-side tokens have one here; the others come empty. */
function example(type: string, at: string): Record<string, unknown> {
  if (!type.startsWith('client_token.')) return {};
  const revoked = type === 'client_token.revoked' || type === 'client_token.updated';
  return {
    id: 'ctkn_01ghbkd0frb9k95cnhwd1bxpvk',
    token: 'live_7d279f61a3499fed520f7cd8c08',
    name: 'Pricing page integration',
    description: 'Used to display prices and open checkout within our pricing page.',
    status: revoked ? 'revoked' : 'active',
    revoked_at: revoked ? at : null,
    created_at: at,
    updated_at: at,
  };
}

function show(simulation: Simulation) {
  return {
    id: simulation.id,
    status: 'active',
    notification_setting_id: simulation.destinationId,
    name: simulation.name,
    type: simulation.type,
    payload: simulation.payload,
    config: null,
    last_run_at: simulation.lastRunAt === null ? null : restInstant(simulation.lastRunAt),
    created_at: restInstant(simulation.createdAt),
    updated_at: restInstant(simulation.updatedAt),
  };
}

function showRun(simulation: Simulation, run: SimulationRun) {
  return {
    id: run.id,
    status: run.notification.status === 'not_attempted' ? 'pending' : 'completed',
    type: simulation.type,
    created_at: restInstant(run.createdAt),
    updated_at: restInstant(run.notification.attempts.at(-1)?.at ?? run.createdAt),
  };
}

function listRunEvents(world: World, call: Call): Answer {
  const [, run] = findRun(world, call);
  return page(call, {
    items: [run],
    id: (each) => each.notification.event.id,
    show: showRunEvent,
    prefix: 'ntfsimevt',
  });
}

function showRunEvent({ notification, createdAt }: SimulationRun) {
  const attempt = notification.attempts.at(-1);
  const status = { not_attempted: 'pending', needs_retry: 'pending', delivered: 'success', failed: 'failed' };
  return {
    id: notification.event.id,
    status: status[notification.status],
    event_type: notification.event.type,
    payload: notification.event.webhookData,
    request: attempt ? { body: notification.body } : null,
    response:
      attempt && attempt.responseCode > 0 ? { body: attempt.responseBody, status_code: attempt.responseCode } : null,
    created_at: restInstant(createdAt),
    updated_at: restInstant(attempt?.at ?? createdAt),
  };
}
