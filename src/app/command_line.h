// What `cityloop` can be asked on the command line; `cityloop --help` is the reference.
#pragma once

namespace cityloop::serve {
class PackageLoader;
}

namespace cityloop::app {

// 0: done. 1: it could not be done, and standard error says why. 2: the command line was not understood. 3: what was
// to be checked or read is not what was written.
int run(int argc, char** argv, const serve::PackageLoader&);

}  // namespace cityloop::app
