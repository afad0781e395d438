#include "app/command_line.h"
#include "serve/package.h"

#ifdef CITYLOOP_MIMALLOC
#include <mimalloc.h>
#endif

int main(int argc, char** argv) {
#ifdef CITYLOOP_MIMALLOC
  // What was let go is wanted again within the second, with the next flush of history: giving it back to the system at
  // once costs more than keeping it for so long.
  mi_option_set_default(mi_option_decommit_delay, 500);
#endif
  cityloop::serve::PackageLoader packages;
  cityloop::serve::register_packages(packages);
  return cityloop::app::run(argc, argv, packages);
}
