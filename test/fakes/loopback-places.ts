/**
 * Secrets Manager and SSM parameters over real HTTP on the loopback interface, as their API references describe them. For what the
 * local AWS does otherwise (`docs/local-aws.md`): version ids that are given again, labels that do not move, versions by number.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';

// biome-ignore lint/suspicious/noExplicitAny: requests of two services
type Request = any;

interface SecretVersion {
  readonly text?: string;
  readonly bytes?: string;
  readonly stages: Set<string>;
}
interface Secret {
  readonly versions: Map<string, SecretVersion>;
  /** `DescribeSecret` answers these too. */
  readonly about: Record<string, unknown>;
}
interface Parameter {
  readonly values: string[];
  about: Record<string, unknown>;
}

class Refusal extends Error {
  readonly code: string;
  constructor(code: string, message = code) {
    super(message);
    this.code = code;
  }
}

export async function loopbackPlaces() {
  const secrets = new Map<string, Secret>();
  const parameters = new Map<string, Parameter>();
  const calls: { readonly operation: string; readonly body: Request }[] = [];
  /** What somebody else does just before one of our calls takes effect. */
  const before = new Map<string, (body: Request) => void>();

  const secret = (id: string): Secret => {
    const found = secrets.get(id);
    if (!found) throw new Refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return found;
  };
  const mustLive = ({ about }: Secret) => {
    const text = "You can't perform this operation on the secret because it was marked for deletion.";
    if (about.DeletedDate) throw new Refusal('InvalidRequestException', text);
  };
  const holderOf = ({ versions }: Secret, stage: string) => [...versions].find(([, { stages }]) => stages.has(stage));

  function put(one: Secret, id: string, text: string | undefined, bytes: string | undefined, stages: string[]): void {
    mustLive(one);
    const known = one.versions.get(id);
    if (known && (known.text !== text || known.bytes !== bytes)) throw new Refusal('ResourceExistsException');
    if (known) return;
    const isFirst = one.versions.size === 0;
    one.versions.set(id, { text, bytes, stages: new Set() });
    for (const stage of isFirst ? new Set([...stages, 'AWSCURRENT']) : stages) move(one, stage, id);
  }

  function move(one: Secret, stage: string, to: string): void {
    const from = holderOf(one, stage)?.[0];
    if (from === to) return;
    if (from !== undefined) one.versions.get(from)?.stages.delete(stage);
    one.versions.get(to)?.stages.add(stage);
    if (stage === 'AWSCURRENT' && from !== undefined) move(one, 'AWSPREVIOUS', from);
  }

  const parameter = (Name: string): Parameter => {
    const found = parameters.get(Name);
    if (!found) throw new Refusal('ParameterNotFound');
    return found;
  };

  const operations: Record<string, (body: Request) => object> = {
    CreateSecret({ Name, SecretString, SecretBinary, ClientRequestToken }) {
      if (secrets.has(Name)) throw new Refusal('ResourceExistsException');
      const one: Secret = { versions: new Map(), about: {} };
      secrets.set(Name, one);
      put(one, ClientRequestToken, SecretString, SecretBinary, ['AWSCURRENT']);
      return { Name };
    },
    DescribeSecret({ SecretId }) {
      const { versions, about } = secret(SecretId);
      const VersionIdsToStages = Object.fromEntries([...versions].map(([id, { stages }]) => [id, [...stages]]));
      return { Name: SecretId, VersionIdsToStages, ...about };
    },
    GetSecretValue({ SecretId, VersionStage = 'AWSCURRENT' }) {
      const one = secret(SecretId);
      mustLive(one);
      const [VersionId, version] = holderOf(one, VersionStage) ?? [];
      if (!version) throw new Refusal('ResourceNotFoundException', `no value for staging label: ${VersionStage}`);
      return { Name: SecretId, VersionId, SecretString: version.text, SecretBinary: version.bytes };
    },
    PutSecretValue({ SecretId, SecretString, SecretBinary, ClientRequestToken, VersionStages = ['AWSCURRENT'] }) {
      put(secret(SecretId), ClientRequestToken, SecretString, SecretBinary, VersionStages);
      return {};
    },
    UpdateSecretVersionStage({ SecretId, VersionStage, MoveToVersionId, RemoveFromVersionId }) {
      const one = secret(SecretId);
      if (!one.versions.has(MoveToVersionId)) throw new Refusal('ResourceNotFoundException');
      const holder = holderOf(one, VersionStage)?.[0];
      if (holder !== undefined && holder !== RemoveFromVersionId)
        throw new Refusal(
          'InvalidParameterException',
          `Staging label ${VersionStage} is currently attached to version ${holder}, so you must explicitly reference that version in RemoveFromVersionId.`,
        );
      move(one, VersionStage, MoveToVersionId);
      return {};
    },
    GetParameter({ Name }) {
      const [name = '', version] = Name.split(':');
      const { values, about } = parameter(name);
      const Version = version === undefined ? values.length : Number(version);
      return { Parameter: { Name: name, Value: values[Version - 1], Version, Type: about.Type } };
    },
    DescribeParameters({ ParameterFilters: [{ Values }] }) {
      const [Name] = Values;
      const found = parameters.get(Name);
      return { Parameters: found ? [{ Name, ...found.about }] : [] };
    },
    PutParameter({ Name, Value, Overwrite, ...rest }) {
      const found = parameters.get(Name);
      if (found && !Overwrite) throw new Refusal('ParameterAlreadyExists');
      if (found?.about.labelled && found.values.length >= 100) throw new Refusal('ParameterMaxVersionLimitExceeded');
      // What is not named anew is the account's default.
      const about = { Type: found?.about.Type, Tier: 'Standard', DataType: 'text', ...rest };
      if (about.Type === 'SecureString') about.KeyId ??= 'alias/aws/ssm';
      parameters.set(Name, { values: [...(found?.values ?? []), Value], about });
      return { Version: (found?.values.length ?? 0) + 1, Tier: about.Tier };
    },
  };

  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const body: Request = JSON.parse(Buffer.concat(chunks).toString());
    const answer = (status: number, content: object) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(content));
    try {
      before.get(operation)?.(body);
      calls.push({ operation, body });
      const run = operations[operation];
      if (!run) throw new Refusal('UnknownOperationException', operation);
      answer(200, run(body));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer(400, { __type: `com.amazonaws#${error.code}`, message: error.message });
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();

  return {
    secrets,
    parameters,
    calls,
    before,
    /** Somebody else calls. */
    outside: (operation: string, body: Request): object => operations[operation]?.(body) ?? {},
    settings: {
      endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
      region: 'us-east-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
