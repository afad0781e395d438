// Where readings go, and where a feed's position is kept. In the house it is the twin; in tests a list.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "twin/commit.h"

namespace cityloop::twin {
class Twin;
}

namespace cityloop::sense {

class Sink {
 public:
  virtual ~Sink() = default;
  // In order. `done` may run on another thread, and must be short.
  virtual void submit(twin::Commit, std::function<void(const twin::CommitResult&)> done) = 0;
  virtual twin::CommitResult commit(twin::Commit) = 0;  // the same, waiting
  // What a former commit put into store::Table::feed under this key.
  virtual base::Result<std::optional<std::string>> load(std::string_view key) const = 0;
};

class TwinSink final : public Sink {
 public:
  explicit TwinSink(twin::Twin& twin) : twin_(twin) {}
  void submit(twin::Commit, std::function<void(const twin::CommitResult&)> done) override;
  twin::CommitResult commit(twin::Commit) override;
  base::Result<std::optional<std::string>> load(std::string_view key) const override;

 private:
  twin::Twin& twin_;
};

}  // namespace cityloop::sense
