// The commands about people's texts, as they stand on the command line.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"

namespace CLI {
class App;
}

namespace cityloop::app {

// Adds `classify` and `topics`; a command that is called leaves what is to be done in `action`, which stays alive.
void add_text_commands(CLI::App&, std::function<base::Status()>& action);

}  // namespace cityloop::app
