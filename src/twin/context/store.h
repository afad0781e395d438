// All @contexts that anybody has named: fetched once, kept on disk, resolved once (ETSI GS CIM 009, clauses 4.4, 5.13).
//
//   "@context" of a request ─ resolve ─▶ ContextPtr        /jsonldContexts ◀─ list, add, erase
//
// A context that was fetched once is used from here even when its server is gone, until it is erased or reloaded, and
// after a restart. A server that does not answer is left alone for a while, and at no time more than a few of its
// documents are asked for: it holds up nobody who needs another one. No thread waits for a document but that of who
// calls resolve() or reload() without a callback. Addresses of our own are never fetched: they are known by their path.
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
#include "twin/context/context.h"

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
  base::Duration retry_after{std::chrono::seconds(5)};   // a URL that failed is not asked again before
  std::size_t fetches_max{64}, fetches_per_host_max{4};  // under way at once
  std::size_t waiting_max{1024};                         // documents waiting for their turn; more are refused
};

class ContextStore {
 public:
  // GET of a URL: tells its body once, on any thread. Errc::unavailable when it cannot be had.
  using Fetched = std::function<void(base::Result<std::string>)>;
  using Fetch = std::function<void(const std::string& url, Fetched)>;
  // The same from where the answer is at hand.
  using FetchNow = std::function<base::Result<std::string>(const std::string& url)>;
  // Makes puts durable (a commit of the twin).
  using Save = std::function<base::Status(std::vector<TablePut>)>;

  static base::Result<std::unique_ptr<ContextStore>> open(const store::Store&, const base::Clock&, Fetch, Save,
                                                          const ContextBounds& = {});
  static base::Result<std::unique_ptr<ContextStore>> open(const store::Store&, const base::Clock&, FetchNow, Save,
                                                          const ContextBounds& = {});
  ~ContextStore();  // whoever waits is forgotten

  // Any thread. `context` is JSON: a URL as a text, an object, or a list of both; empty is the core context. The first
  // never waits: nothing when something must be fetched. The second fetches what is missing and then calls back, on
  // this thread or on the one that fetches; who names the same URL meanwhile waits for the same answer. The third waits
  // for it, and is not called on a thread that fetches. Errc::malformed, Errc::invalid: no context can be made of it.
  // Errc::unavailable: it cannot be had (LdContextNotAvailable).
  std::optional<base::Result<ContextPtr>> resolved(std::string_view context);
  using Done = std::function<void(base::Result<ContextPtr>)>;
  void resolve(std::string_view context, Done);
  base::Result<ContextPtr> resolve(std::string_view context);

  // {"@context": …}, hosted from now on; gives its local id. What it names is not fetched.
  base::Result<std::string> add(std::string_view body);
  // A context that has no address of its own (a list, an object), so that a Link header can name it: implicitly
  // created; the same one has the same local id.
  base::Result<std::string> keep(std::string_view context);
  // The entry of a local id or a URL (ours too, whatever it takes us to be called), or nothing.
  std::optional<ContextEntry> find(std::string_view id) const;
  std::vector<ContextEntry> list() const;   // by URL or local id
  base::Status erase(std::string_view id);  // not_found when there is none
  // A cached one, fetched anew; the old one stays when that fails. Calls back as resolve() does, or waits.
  void reload(std::string_view id, std::function<void(base::Status)>);
  base::Status reload(std::string_view id);

 private:
  struct Inside;
  explicit ContextStore(std::shared_ptr<Inside>);
  std::shared_ptr<Inside> inside_;
};

}  // namespace cityloop::twin
