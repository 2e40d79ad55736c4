// Prints one CycloneDX bill of materials: Maven's, with what the dashboard is built of and the engine library.
// sbom.mjs MAVEN-BOM PACKAGE-LOCK ENGINE-VERSION
import { readFileSync } from "node:fs";

const [bom, lock] = process.argv.slice(2, 4).map((file) => JSON.parse(readFileSync(file, "utf8")));
const component = (name, version, license) => {
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  return { type: "library", "bom-ref": purl, name, version, purl, licenses: license ? [{ license: { id: license } }] : [] };
};
const shipped = Object.entries(lock.packages)
  .filter(([path, each]) => path && !each.dev && !each.optional)
  .map(([path, each]) => component(path.replace(/^.*node_modules\//, ""), each.version, each.license));
shipped.push(component("@chdb/lib-linux-x64-gnu", process.argv[4], "Apache-2.0"));
bom.components.push(...shipped);
bom.components.sort((a, b) => (a.purl < b.purl ? -1 : 1));
console.log(JSON.stringify(bom, null, 1));
