// This room put together: what citizens meet, over one city.
//
//   twin, desk, guard ─▶ [Civic] ─ /public/v1, /open311/v2, /api/v1/media, /api/v1/moderation
//
// Its data: DATA/civic.db (book.h), DATA/civic.key (follow_links.h) and DATA/media/ (photo_shelf.h).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "civic/services.h"
#include "net/router.h"
#include "serve/actions.h"
#include "serve/case_rules_shelf.h"
#include "serve/city.h"
#include "serve/guard.h"
#include "twin/twin.h"

namespace cityloop::civic {

struct CivicHouse {
  const CivicSettings& settings;
  const serve::City& city;
  twin::Twin& twin;
  const serve::Guard& guard;
  serve::ActionDesk& desk;
  serve::CaseRulesShelf& shelf;
  const base::Clock& wall;
  std::string data_folder;
};

// Whole in the data folder, in a copy: the table that others may be writing to.
inline constexpr const char* kBookFile = "civic.db";
base::Status copy_book(const std::string& from, const std::string& to);

class Civic {
 public:
  static base::Result<std::unique_ptr<Civic>> open(const CivicHouse&);
  ~Civic();

  void add_to(net::Router&) const;
  base::Status start();  // looks at the cases there are, then follows the log
  void stop();           // nothing of what others hold of it is at work afterwards
  void settle() const;   // waits until what is in the log now has been seen; for tests
  std::vector<std::pair<std::string, double>> counters() const;

 private:
  struct Inside;
  explicit Civic(std::unique_ptr<Inside>);
  std::unique_ptr<Inside> inside_;
};

}  // namespace cityloop::civic
