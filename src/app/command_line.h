// What `cityloop` can be asked on the command line; `cityloop --help` is the reference.
#pragma once

namespace cityloop::serve {
class PackageLoader;
}

namespace cityloop::app {

// 0: done. 1: it could not be done, and standard error says why. 2: the command line was not understood.
int run(int argc, char** argv, const serve::PackageLoader&);

}  // namespace cityloop::app
