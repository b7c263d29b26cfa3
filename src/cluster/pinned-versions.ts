/**
 * Every version, checksum and digest that the action trusts. Nothing else in src/ names one, and a
 * test holds the images of manifests/ against this file.
 *
 * A checksum stands here only when two independent public sources agree on it; kind's v0.32.0,
 * and its Linux binaries of v0.31.0 and (amd64) v0.30.0, were also rebuilt from source, bit for bit.
 */

/** `<os>/<arch>` as the projects name their downloads. */
export type Platform = 'linux/amd64' | 'linux/arm64' | 'darwin/amd64' | 'darwin/arm64';

export const PLATFORMS: readonly Platform[] = ['linux/amd64', 'linux/arm64', 'darwin/amd64', 'darwin/arm64'];

export const DEFAULT_VERSIONS = {
  kind: 'v0.33.0',
  kubectl: 'v1.35.8',
  k6: 'v2.3.0',
  // Helm 3 and not 4: the Kustomize in kubectl v1.35 can't ask Helm 4 for its version.
  helm: 'v3.22.0',
  // 1.35 and not kind's own default: ingress-nginx v1.15.1 is tested up to Kubernetes 1.35.
  nodeImage: 'kindest/node:v1.35.8@sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0',
} as const;

type Checksums = Readonly<Record<string, Readonly<Partial<Record<Platform, string>>>>>;

const KIND: Checksums = {
  'v0.33.0': {
    'linux/amd64': 'aee6151561422756b764a4ae28e7f44cda5af5a9eead3cc9985112b1de8d8e0d',
    'linux/arm64': '20022bee6cfcd5086cb7234d218e3454e6090022f2a8f55d1fa7fcf42c3867a2',
    'darwin/amd64': '5a99f26f57246dc9319dd294803313197a0f34d33c525b3ea8b655db5916ece0',
    'darwin/arm64': '0c8c7dbe5e23594a198b786c4bc13dacc101fa6196b0cb0b23a1ca44e61f4b4f',
  },
  'v0.32.0': {
    'linux/amd64': '50030de23cf40a18505f20426f6a8506bedf13c6e509244bd1fa9463721b0f54',
    'linux/arm64': 'b92cd615e97585de8ddade28ed5cd7feb4248d717c233eea5b03c37298900f5d',
    'darwin/amd64': '295ac6d0d634c9819c9907df45e3017d1f13166bd13c3404c45e79f7faa47498',
    'darwin/arm64': 'dca67911095a110c2b5c36e26df6cac860c602033e456c0db47be498cdef1ebb',
  },
  'v0.31.0': {
    'linux/amd64': 'eb244cbafcc157dff60cf68693c14c9a75c4e6e6fedaf9cd71c58117cb93e3fa',
    'linux/arm64': '8e1014e87c34901cc422a1445866835d1e666f2a61301c27e722bdeab5a1f7e4',
    'darwin/amd64': 'a8b3cf77b2ad77aec5bf710d1a2589d9117576132af812885cad41e9dede4d4e',
    'darwin/arm64': '88bf554fe9da6311c9f8c2d082613c002911a476f6b5090e9420b35d84e70c5c',
  },
  'v0.30.0': {
    'linux/amd64': '517ab7fc89ddeed5fa65abf71530d90648d9638ef0c4cde22c2c11f8097b8889',
    'linux/arm64': '7ea2de9d2d190022ed4a8a4e3ac0636c8a455e460b9a13ccf19f15d07f4f00eb',
  },
  'v0.29.0': {
    'linux/amd64': 'c72eda46430f065fb45c5f70e7c957cc9209402ef309294821978677c8fb3284',
    'linux/arm64': '03d45095dbd9cc1689f179a3e5e5da24b77c2d1b257d7645abf1b4174bebcf2a',
  },
  'v0.22.0': {
    'linux/amd64': 'e4264d7ee07ca642fe52818d7c0ed188b193c214889dd055c929dbcb968d1f62',
    'linux/arm64': '4431805115da3b54290e3e976fe2db9a7e703f116177aace6735dfa1d8a4f3fe',
    'darwin/amd64': '28a9f7ad7fd77922c639e21c034d0f989b33402693f4f842099cd9185b144d20',
    'darwin/arm64': 'c8dd3b287965150ae4db668294edc48229116e95d94620c306d8fae932ee633f',
  },
};

const KUBECTL: Checksums = {
  'v1.37.1': {
    'linux/amd64': '65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8',
    'linux/arm64': 'ff749f4b78d9c4f1ec87307df9b50119ed819e2094aa9810cb9acffc3286c8c7',
  },
  'v1.36.4': {
    'linux/amd64': '8b8f088da2dab964f853b38464033b1be15ede2839eca751482357c45abdd05a',
    'linux/arm64': '0ecf44450ee6063bf19dd166a103ee6df4a9034455c2abce626e6eea657d73fb',
  },
  'v1.35.8': {
    'linux/amd64': '874d5e72dbb819f43cff16bcd1e4f8bac5b7f2361fe1e55049b0a6c676fb0cbf',
    'linux/arm64': 'cc749967b62f4422260bc9c0aa7a7c55f45175ae38cb8d95767b5d2b7e04c1fd',
    'darwin/arm64': 'b8be50ae0c6665b646fb009f904a52cad30806deee19ab3b4fe5af2d68bd82eb',
  },
  'v1.35.5': {
    'linux/amd64': '90f75ea6ecc9ea5633262e1c0b83a40560003b30fc94a04cb099404fcef0c224',
    'linux/arm64': 'ac69e06fd6860d69786692f5af1c3a1208ed54f8366a4d97ab15c172e99765ee',
  },
  'v1.29.2': {
    'linux/amd64': '7816d067740f47f949be826ac76943167b7b3a38c4f0c18b902fffa8779a5afa',
    'linux/arm64': '3507ecb4224cf05ae2151a98d4932253624e7762159936d5347b19fe037655ca',
    'darwin/amd64': 'bb04d9450d9c9fa120956c5cc7c8dfaa700297038ff9c941741e730b02bbd1f3',
    'darwin/arm64': 'ce030f86625df96560402573d86d4e6f4b8b956ca3e3b9df57cb8ccf2b9a540c',
  },
};

/** Of the archives: those are what the project publishes checksums of. */
const K6: Checksums = {
  'v2.3.0': {
    'linux/amd64': '39c3117b6af817592dcd0ce4242105c0a7af10948c2a425306f0be8f7a8a8ab1',
    'linux/arm64': '5ca3433e8201da72a284aaa241a1bb5fb47f4abb4e384d39410ddd8062f49b90',
    'darwin/amd64': 'c83bb16f54f0676afa4ea235fd757f3892d307dbd1bd201450de83af31986654',
    'darwin/arm64': 'b2417a3038edc5fe81dc178a889237724b595c5c9cfed875822008e46e862c7d',
  },
  'v2.2.0': {
    'linux/amd64': 'b5a8003c86f35f5cd5ceef1490312c48e587696c94d998cefc6d7b3b4cb1597d',
    'linux/arm64': '4ecd64cadcc792402d16293836115480419c4447c032858f564852d98f1bf54c',
  },
};

/** Of the archives, as with k6. */
const HELM: Checksums = {
  'v3.22.0': {
    'linux/amd64': '1e4ab49e429626cf6c6958d914248b78c9730803c2751b87627e171dc800e7bb',
    'linux/arm64': 'f14e804dfee240f55525b667488fe9adca349e63e00c9af634c0beb1421ac310',
    'darwin/amd64': 'bd1d09f316558dda23698527859600936fed1371021ce0f2272d66b2fdcfa69c',
    'darwin/arm64': '4c9982a6cdeb458b60258df66b55398ca5b19293f6877faffe2909ad6f23dfe0',
  },
};

/** An archive that a tool is published in. */
export interface ToolArchive {
  readonly format: 'tar.gz' | 'zip';
  /** The path of the binary in it. */
  readonly member: string;
}

interface PublishedTool {
  /** Of what `url` leads to: the binary, or the archive with the binary. */
  readonly checksums: Checksums;
  /** Where the project publishes it. */
  readonly url: (version: string, platform: Platform) => string;
  /** What the download has to be unpacked from; without it the download is the binary. */
  readonly archive?: (version: string, platform: Platform) => ToolArchive;
  /** What makes it print its version; the first one that it prints is its own. */
  readonly versionArgs: readonly string[];
}

const dashed = (platform: Platform): string => platform.replace('/', '-');

const k6Format = (platform: Platform): ToolArchive['format'] => (platform.startsWith('darwin/') ? 'zip' : 'tar.gz');
const k6Release = (version: string, platform: Platform): string =>
  `k6-${version}-${dashed(platform).replace('darwin', 'macos')}`;

const PUBLISHED = {
  kind: {
    checksums: KIND,
    url: (version, platform) =>
      `https://github.com/kubernetes-sigs/kind/releases/download/${version}/kind-${dashed(platform)}`,
    versionArgs: ['version'],
  },
  kubectl: {
    checksums: KUBECTL,
    url: (version, platform) => `https://dl.k8s.io/release/${version}/bin/${platform}/kubectl`,
    versionArgs: ['version', '--client', '--output=json'],
  },
  k6: {
    checksums: K6,
    url: (version, platform) =>
      `https://github.com/grafana/k6/releases/download/${version}/${k6Release(version, platform)}.${k6Format(platform)}`,
    archive: (version, platform) => ({
      format: k6Format(platform),
      member: `${k6Release(version, platform)}/k6`,
    }),
    versionArgs: ['version'],
  },
  helm: {
    checksums: HELM,
    url: (version, platform) => `https://get.helm.sh/helm-${version}-${dashed(platform)}.tar.gz`,
    archive: (_, platform) => ({ format: 'tar.gz', member: `${dashed(platform)}/helm` }),
    versionArgs: ['version', '--template', '{{.Version}}'],
  },
} as const satisfies Readonly<Record<string, PublishedTool>>;

export type ToolName = keyof typeof PUBLISHED;

/** Every tool that is downloaded; another one is a row more. */
export const TOOLS: Readonly<Record<ToolName, PublishedTool>> = PUBLISHED;

/** The pinned SHA-256 of what a tool's `url` leads to, in hexadecimal, or undefined when none is known. */
export const pinnedSha256 = (tool: ToolName, version: string, platform: Platform): string | undefined =>
  TOOLS[tool].checksums[version]?.[platform];

/** The versions of a tool that have a pinned checksum for this platform, newest first. */
export const pinnedVersions = (tool: ToolName, platform: Platform): string[] =>
  Object.entries(TOOLS[tool].checksums)
    .filter(([, sums]) => sums[platform] !== undefined)
    .map(([version]) => version);

/**
 * The node images that kind's release notes list for its releases, by Kubernetes version: an image
 * built for another release of kind may not start, and a tag alone may be moved.
 */
export const NODE_IMAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'v0.33.0': {
    'v1.37.0': 'sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5',
    'v1.36.4': 'sha256:099e049362a1526b2db71494e1947aae99bd16290d7c895f2b7ea312e3cbfaed',
    'v1.35.8': 'sha256:07b2536e30b803ed61d1677a79df6115f798ce64c80f9e22f6ed45afd09323c0',
    'v1.34.11': 'sha256:44e222ee2132dab25ff87301682f89eb82c7880ea3a1bf543bfe9708fd08d67d',
  },
  'v0.32.0': {
    'v1.36.1': 'sha256:3489c7674813ba5d8b1a9977baea8a6e553784dab7b84759d1014dbd78f7ebd5',
    'v1.35.5': 'sha256:ce977ae6d65918d0b58a5f8b5e940429c2ce42fa3a5619ec2bbc60b949c0ac95',
    'v1.34.8': 'sha256:02722c2dedddcfc00febf5d27fbeb9b7b2c14294c82109ff4a85d89ac9ba3256',
    'v1.33.12': 'sha256:3f5c8443c620245e4d355cfe09e96a91ead32ceaa569d3f1ca9edf0cb2fe2ff4',
  },
  'v0.31.0': { 'v1.35.0': 'sha256:452d707d4862f52530247495d180205e029056831160e22870e37e3f6c1ac31f' },
  'v0.30.0': { 'v1.34.0': 'sha256:7416a61b42b1662ca6ca89f02028ac133a309a2a30ba309614e8ec94d976dc5a' },
  'v0.29.0': { 'v1.33.1': 'sha256:050072256b9a903bd914c0b2866828150cb229cea0efe5892e2b644d5dd3b34f' },
  'v0.22.0': { 'v1.29.2': 'sha256:51a1434a5397193442f0be2a297b488b6c919ce8a3931be0ce822606ea5ca245' },
};

/** The version of the Gateway API's definitions that the bundled Traefik supports. */
export const GATEWAY_API = 'v1.5.1';

/** The images of manifests/ and of the pods that this program makes, each by tag and digest. */
export const WORKLOAD_IMAGES = {
  httpEcho:
    'docker.io/hashicorp/http-echo:1.0.0@sha256:fcb75f691c8b0414d670ae570240cbf95502cc18a9ba57e982ecac589760a186',
  ingressNginx:
    'registry.k8s.io/ingress-nginx/controller:v1.15.1@sha256:594ceea76b01c592858f803f9ff4d2cb40542cae2060410b2c95f75907d659e1',
  /** Tested by its authors with Kubernetes 1.29 to 1.33; v1.15.1 starts at 1.31. */
  ingressNginxForOldKubernetes:
    'registry.k8s.io/ingress-nginx/controller:v1.13.9@sha256:d803625b20d471400fdae9dce0fdd076c0361f8f7e1ecee0dcd2f84fa0d196f8',
  /** For v3.7.14 public sources name two digests. */
  traefik: 'docker.io/library/traefik:v3.7.13@sha256:24841fe2de7304c149343d877d2923b4c8800a38ba015dea9174c23b20e344a0',
  prometheus:
    'quay.io/prometheus/prometheus:v3.15.0@sha256:efd719c99d83b060d9daefdcf00360461adf279f45ef5391f8d111892118753e',
  grafana: 'docker.io/grafana/grafana:13.2.3@sha256:b28bae15e219c998fb0e0424ed724930cc61b1f61fb404d47c862f9a23f9e572',
  /** For Kubernetes 1.34 and later, as its authors say. */
  metricsServer:
    'registry.k8s.io/metrics-server/metrics-server:v0.9.0@sha256:d9862115e7c7881280d3d75ca26bda8ffc0fc213315979575bf23ce9826205c0',
  k6: 'docker.io/grafana/k6:2.3.0@sha256:9c2dee7f8ed74d317e4027c06a10f169b625638189de8d4555d0b3486a5aeb34',
} as const;

/**
 * By tag alone: public sources name a digest of the starter v1.6.0, but all of one party, and none names that of the
 * controller in full. Only `engine: k6-operator` runs them (docs/k6-operator.md says how they were tried).
 */
export const IMAGES_WITHOUT_DIGEST = {
  k6Operator: 'ghcr.io/grafana/k6-operator:controller-v1.6.0',
  k6Starter: 'ghcr.io/grafana/k6-operator:starter-v1.6.0',
} as const;

/**
 * The minor version of Kubernetes that a node image's tag names: 35 for `kindest/node:v1.35.8@…`,
 * null when the tag says nothing.
 */
export function kubernetesMinor(nodeImage: string): number | null {
  const match = /:v?1\.(\d+)(?:\.\d+)?(?:[-+@]|$)/.exec(nodeImage);
  return match?.[1] === undefined ? null : Number(match[1]);
}
