// Everything that a data folder holds, read and decoded, so that damage is found before somebody needs what it hit.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace cityloop::twin {

// Tells each damage with its table and key, or its records. The folder may be in use.
base::Status check_data(const std::string& store_folder, const std::function<void(std::string)>& damage);

}  // namespace cityloop::twin
