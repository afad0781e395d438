// How an entry of the context store is written to disk. Inside of context_store.
#pragma once

#include <string>
#include <string_view>

#include "twin/context/store.h"

namespace cityloop::twin {

// The key that an entry is kept under: its local id, or its URL where it has none.
const std::string& key_of(const ContextEntry&);

std::string to_record(const ContextEntry&);
// Errc::corrupt when the bytes are none.
base::Result<ContextEntry> from_record(std::string_view key, std::string_view record);

}  // namespace cityloop::twin
