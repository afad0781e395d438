// How a LogRecord and an Entity are written as bytes, and read back. A record holds its own table of names, so each can
// be read alone.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "flow/change.h"

namespace cityloop::store {

std::string encode(const flow::LogRecord&);
base::Result<flow::LogRecord> decode_record(flow::Seq, std::string_view);

std::string encode(const flow::Entity&);
base::Result<flow::Entity> decode_entity(std::string_view);

// One value alone, for checkpoints of loops.
void encode(base::ByteWriter&, const flow::Value&);
flow::Value decode_value(base::ByteReader&);

}  // namespace cityloop::store
