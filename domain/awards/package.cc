// The awards package: what it brings to a city that has CITY/awards/.
#include "serve/package.h"

namespace cityloop::serve {

void register_awards(PackageLoader&) {}

}  // namespace cityloop::serve
