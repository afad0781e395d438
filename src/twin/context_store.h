// All @contexts that anybody has named: fetched once, kept on disk, resolved once (ETSI GS CIM 009, clauses 4.4, 5.13).
//
//   "@context" of a request ─ resolve ─▶ ContextPtr        /jsonldContexts ◀─ list, add, erase
//
// A context that was fetched once is used from here even when its server is gone, until it is erased or reloaded, and
// after a restart. A server that does not answer is left alone for a while, so that it does not hold up every request.
// Addresses of our own are never fetched: they are known by their path.
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

// Where hosted contexts stand: followed by the local id.
inline constexpr std::string_view kContextsPath = "/ngsi-ld/v1/jsonldContexts/";

enum class ContextKind : std::uint8_t { cached, hosted, implicitly_created };

struct ContextEntry {
  std::string url;       // what the outside calls it; for a hosted one the path of its address here
  std::string local_id;  // the last part of that address, for hosted and implicitly created ones
  ContextKind kind{ContextKind::cached};
  std::string body;  // {"@context": …}
  flow::Instant created_at{flow::kNever}, last_usage{flow::kNever};
  std::uint64_t hits{0};
  std::vector<std::string> extra;  // URLs that it names
};

struct ContextBounds {
  std::size_t documents_max{4096};            // cached and implicitly created ones; the longest unused go first
  std::size_t document_bytes_max{256 << 20};  // of those, all together
  std::size_t resolved_max{4096};             // contexts kept ready
  std::size_t resolved_bytes_max{128 << 20};
  base::Duration retry_after{std::chrono::seconds(5)};  // a URL that failed is not asked again before
};

class ContextStore {
 public:
  // GET of a URL: its body. Errc::unavailable when it cannot be had.
  using Fetch = std::function<base::Result<std::string>(const std::string& url)>;
  // Makes puts durable (a commit of the twin).
  using Save = std::function<base::Status(std::vector<TablePut>)>;

  static base::Result<std::unique_ptr<ContextStore>> open(const store::Store&, const base::Clock&, Fetch, Save,
                                                          const ContextBounds& = {});
  ~ContextStore();

  // Any thread. `context` is JSON: a URL as a text, an object, or a list of both; empty is the core context. The first
  // never waits: nothing when something must be fetched. The second fetches; who names the same URL meanwhile waits for
  // the same answer.
  // Errc::malformed, Errc::invalid: no context can be made of it. Errc::unavailable: it cannot be had
  // (LdContextNotAvailable).
  std::optional<base::Result<ContextPtr>> resolved(std::string_view context);
  base::Result<ContextPtr> resolve(std::string_view context);

  // {"@context": …}, hosted from now on; gives its local id. What it names is not fetched.
  base::Result<std::string> add(std::string_view body);
  // A context that has no address of its own (a list, an object), so that a Link header can name it: implicitly
  // created; the same one has the same local id.
  base::Result<std::string> keep(std::string_view context);
  // The entry of a local id or a URL (ours too, whatever it takes us to be called), or nothing.
  std::optional<ContextEntry> find(std::string_view id) const;
  std::vector<ContextEntry> list() const;    // by URL or local id
  base::Status erase(std::string_view id);   // not_found when there is none
  base::Status reload(std::string_view id);  // a cached one, fetched anew; the old one stays when that fails

 private:
  struct Inside;
  explicit ContextStore(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::twin
