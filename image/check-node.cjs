// Run while the image is built: stops the build when the base image's packages bring a Node that is too old.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `corevisor needs Node 20.19 or newer, but this base image has ${process.version}; ` +
      'choose another one with --build-arg BASE_IMAGE=...\n',
  );
  process.exitCode = 1;
}
