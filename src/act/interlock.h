// An interlock that a domain package sets over a type of device: asked last, after all that the device's settings say.
//
//   log ══▶ [CommandLoop] ── see, check, sent ──▶ [Interlock]        Status: let through, or refused with the reason
//
// It is no part of whoever decides, and nobody who decides can go around it: what it refuses never leaves the house.
// Its state follows from what it is told alone, in the order of the log; it is kept by CommandLoop beside its own, and
// is dropped once the package is no more.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "flow/change.h"
#include "flow/entity.h"

namespace cityloop::act {

class Interlock {
 public:
  virtual ~Interlock() = default;
  // The id of the device type (act/device_types.h) that it stands over; its state is stored under it. One interlock a
  // type.
  virtual std::string_view device_type() const = 0;
  // Every change of a device of that type, and of no other entity.
  virtual void see(const flow::Change&, flow::Instant at) = 0;
  // Whether the device may be told so at this moment; asked more than once for one command (it comes, it is approved,
  // it is tried again), with the value as the device type reads it. Refusals are read by people: say what stands
  // against it.
  virtual base::Status check(flow::EntityId device, std::string_view command, const flow::Value&,
                             flow::Instant at) const = 0;
  // It was let through, and will be published once this is on disk; a retry is told again.
  virtual void sent(flow::EntityId device, std::string_view command, const flow::Value&, flow::Instant at) = 0;
  virtual void save(base::ByteWriter&) const = 0;
  virtual base::Status load(base::ByteReader&) = 0;
};

}  // namespace cityloop::act
