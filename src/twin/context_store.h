// All @contexts that anybody has named: fetched once, kept on disk, resolved once (ETSI GS CIM 009, clauses 4.4, 5.13).
//
//   "@context" of a request ─ resolve ─▶ ContextPtr        /jsonldContexts ◀─ list, add, erase
//
// A context that was fetched once is served from here even when its server is gone, until it is erased or reloaded.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "store/store.h"
#include "twin/commit.h"
#include "twin/context.h"

namespace cityloop::twin {

enum class ContextKind : std::uint8_t { cached, hosted, implicitly_created };

struct ContextEntry {
  std::string url;       // what the outside calls it; for a hosted one the address here
  std::string local_id;  // the last part of that address, for hosted and implicitly created ones
  ContextKind kind{ContextKind::cached};
  std::string body;  // {"@context": …}
  flow::Instant created_at{flow::kNever}, last_usage{flow::kNever};
  std::uint64_t hits{0};
  std::vector<std::string> extra;  // what it imports
};

class ContextStore {
 public:
  // GET of a URL: its body. Errc::unavailable when it cannot be had.
  using Fetch = std::function<base::Result<std::string>(const std::string& url)>;
  // Makes puts durable (a commit of the twin).
  using Save = std::function<base::Status(std::vector<TablePut>)>;

  static base::Result<std::unique_ptr<ContextStore>> open(const store::Store&, const base::Clock&, Fetch, Save);
  ~ContextStore();

  // Any thread. `context` is JSON: a URL as a text, an object, or a list of both. The first never waits: nothing when
  // something must be fetched. The second fetches.
  // Errc::invalid: no context can be made of it. Errc::unavailable: it cannot be had (LdContextNotAvailable).
  std::optional<base::Result<ContextPtr>> resolved(std::string_view context);
  base::Result<ContextPtr> resolve(std::string_view context);

  base::Result<std::string> add(std::string_view body);  // hosted; gives its local id
  // The entry of a local id or a URL, or nothing.
  std::optional<ContextEntry> find(std::string_view id) const;
  std::vector<ContextEntry> list() const;
  base::Status erase(std::string_view id);   // not_found when there is none
  base::Status reload(std::string_view id);  // a cached one, fetched anew; the old one stays when that fails

 private:
  struct Inside;
  explicit ContextStore(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::twin
