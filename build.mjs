/* Builds the front end: `node build.mjs` once, `node build.mjs --watch` while working, `node build.mjs app` one part.
 *
 * What is built follows from where a file lies, so adding a page's script needs no line here:
 *   static/js/<name>.js            → static/dist/<name>.js
 *   static/js/<name>/index.js      → static/dist/<name>.js
 *   static/css/{tokens,base,components}.css + static/css/pages/*.css  → static/dist/app.css
 * Names carry no hash: Django's manifest storage adds one when static files are collected.
 */
import { readdirSync, existsSync, readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const OUT = "static/dist";
const watching = process.argv.includes("--watch");
const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));

function scripts() {
  const entries = readdirSync("static/js", { withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => `static/js/${name}`);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `static/js/${name}`);
  return [
    ...files.filter((file) => file.endsWith(".js")).map((file) => ({ in: file, out: basename(file, ".js") })),
    ...folders
      .filter((folder) => existsSync(`${folder}/index.js`))
      .map((folder) => ({ in: `${folder}/index.js`, out: basename(folder) })),
  ];
}

/* One style sheet, in cascade order. The page sheets come last, in the order of their names. */
const styleSheet = {
  name: "style-sheet",
  setup(build) {
    build.onResolve({ filter: /^app\.css$/ }, () => ({ path: "app.css", namespace: "style-sheet" }));
    build.onLoad({ filter: /.*/, namespace: "style-sheet" }, () => {
      const pages = readdirSync("static/css/pages").filter((file) => file.endsWith(".css")).sort();
      const parts = ["tokens.css", "base.css", "components.css", ...pages.map((file) => `pages/${file}`)];
      return {
        contents: parts.map((part) => `@import "./${part}";`).join("\n"),
        loader: "css",
        resolveDir: "static/css",
        watchDirs: ["static/css", "static/css/pages"],
      };
    });
  },
};

/* KaTeX names each font in three formats; every browser we serve reads the first. */
const oneFontFormat = {
  name: "one-font-format",
  setup(build) {
    build.onLoad({ filter: /katex\.css$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replace(/,\s*url\([^)]*\.(woff|ttf)\)\s*format\([^)]*\)/g, ""),
      loader: "css",
    }));
  },
};

function printSizes(metafile) {
  const kilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(8);
  console.log(`${"kB".padStart(8)}${"gzip".padStart(8)}${"brotli".padStart(8)}`);
  const files = Object.keys(metafile.outputs).filter((file) => /\.(js|css)$/.test(file)).sort();
  for (const file of files) {
    const bytes = readFileSync(file);
    const sizes = [bytes, gzipSync(bytes, { level: 9 }), brotliCompressSync(bytes)];
    console.log(`${sizes.map((size) => kilobytes(size.length)).join("")}  ${file}`);
  }
}

/* Only a build that worked throws away what an earlier one left: a mistake never takes the pages' style away. */
function removeLeftovers(metafile) {
  const built = new Set(Object.keys(metafile.outputs));
  const files = readdirSync(OUT, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, path, name } of files) {
    const file = `${parentPath ?? path}/${name}`;
    if (!built.has(file)) rmSync(file);
  }
}

const reportSizes = {
  name: "report-sizes",
  setup(build) {
    build.onEnd((result) => {
      if (result.errors.length === 0) printSizes(result.metafile);
    });
  },
};

const entryPoints = [...scripts(), { in: "app.css", out: "app" }];
const context = await esbuild.context({
  entryPoints: entryPoints.filter(({ out }) => wanted.length === 0 || wanted.includes(out)),
  entryNames: "[name]",
  assetNames: "fonts/[name]",
  outdir: OUT,
  bundle: true,
  minify: !watching,
  sourcemap: watching ? "inline" : false,
  metafile: true,
  format: "esm",
  target: ["chrome123", "firefox120", "safari17.5"],
  loader: { ".woff2": "file" },
  legalComments: "none",
  logLevel: "warning",
  plugins: [styleSheet, oneFontFormat, reportSizes],
});

if (watching) {
  await context.watch();
  console.log("Watching static/css and static/js.");
} else {
  // What is wrong has been printed by then; a stack trace of the builder helps nobody.
  const { metafile } = await context.rebuild().catch(() => process.exit(1));
  if (wanted.length === 0) removeLeftovers(metafile);
  await context.dispose();
}
