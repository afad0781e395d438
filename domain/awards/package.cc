// The awards package: what it brings to a city that has CITY/awards/.
//
//   CITY/awards/*.toml ─▶ cycles      DATA/awards/ ─▶ Book, Vault, Record      ─▶ routes; a look at what is due each
//   second
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "domain/awards/desk/export.h"
#include "domain/awards/desk/juror_routes.h"
#include "domain/awards/desk/letter_routes.h"
#include "domain/awards/desk/secretary_routes.h"
#include "domain/awards/entry/entry_routes.h"
#include "domain/awards/joining/registrar_routes.h"
#include "domain/awards/trust/record.h"
#include "domain/awards/trust/round_routes.h"
#include "domain/awards/trust/trust_routes.h"
#include "domain/awards/trust/verify_command.h"
#include "serve/package.h"
#include "serve/rules_in_force.h"

namespace cityloop::awards {
namespace {

using base::Errc;
using base::fail;
using namespace std::chrono_literals;

constexpr std::size_t kWaitingMax = 4096;  // the last minute before a window closes

class Awards final : public serve::Package {
 public:
  static base::Result<std::unique_ptr<serve::Package>> make(const serve::PackageSettings& settings) {
    std::vector<Cycle> cycles = TRY(load_cycles(settings.city_folder));
    std::error_code error;
    std::filesystem::create_directories(settings.data_folder, error);
    if (error) return fail(Errc::unavailable, "{}: {}", settings.data_folder, error.message());
    auto book = TRY(Book::open(settings.data_folder + "/awards.db"));
    auto jury = TRY(JuryBook::open(*book));
    auto guests = TRY(GuestBook::open(*book));
    Vault vault = TRY(Vault::open(settings.data_folder));
    const auto casework = std::filesystem::path(settings.city_folder).parent_path() / "casework";
    const auto rules = TRY(casework::CaseRules::load_folder(casework.string(), serve::facts_of(settings.city)));
    std::unique_ptr<Awards> out(
        new Awards(settings.data_folder, std::move(cycles), std::move(book), std::move(jury), std::move(vault)));
    out->guests_ = std::move(guests);
    out->way_ = check_way(*rules);
    return out;
  }
  ~Awards() override { Awards::stop(); }

  void add_routes(net::Router& router, const serve::PackageWorld& world) override {
    if (auto opened = Record::open(folder_ + "/record", world.clock)) record_ = *std::move(opened);
    else return void(trouble_ = opened.error());  // start() tells it
    stages_ = std::make_unique<Stages>(world.twin, world.desk);
    entries_ = std::make_unique<EntryDesk>(cycles_, *book_, vault_, *stages_, *record_);
    if (auto opened = Rounds::open(folder_ + "/record", *record_)) rounds_ = *std::move(opened);
    else return void(trouble_ = opened.error());
    jury_ = std::make_unique<JuryDesk>(*entries_, *jury_book_, rounds_.get());
    secretariat_ = std::make_unique<Secretariat>(*entries_, *jury_);
    studies_ = std::make_unique<Studies>(*jury_);
    letters_ = std::make_unique<LetterDesk>(*entries_, world.post, world.clock, world.wall, world.public_address);
    back_ = std::make_unique<serve::BackRoom>(kWaitingMax);
    study_ = std::make_unique<serve::BackRoom>();
    office_ = std::make_unique<Office>(Office{world.guard, world.clock, *entries_, *back_, *study_});
    registrar_ = std::make_unique<Registrar>(*entries_, *guests_, world.enrolment, world.post, world.clock, world.wall,
                                             world.public_address);
    masking_ = std::make_unique<MaskingRuns>(*entries_, *jury_, *secretariat_, *study_);
    EntryRoutes{*office_}.add_to(router);
    RegistrarRoutes{*office_, *registrar_, limits_, world.asker}.add_to(router);
    JurorRoutes{*office_, *jury_, *studies_}.add_to(router);
    SecretaryRoutes{*office_, *secretariat_, *jury_, *studies_, *masking_}.add_to(router);
    LetterRoutes{*office_, *letters_}.add_to(router);
    TrustRoutes{*record_}.add_to(router);
    RoundRoutes{*office_, *rounds_}.add_to(router);
  }

  base::Status start(const serve::PackageWorld& world) override {
    if (!office_) return std::unexpected(trouble_);
    if (!cycles_.empty()) TRY(way_);
    TRY(jury_->check_locks());
    TRY(registrar_->settle(world.clock.now()));
    stopping_ = false;
    keeper_ = std::thread([this, &clock = world.clock] { keep(clock); });
    return {};
  }

  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    if (keeper_.joinable()) keeper_.join();
  }

  std::vector<std::pair<std::string, double>> counters() const override {
    std::vector<std::pair<std::string, double>> out{{"awards_cycles", double(cycles_.size())},
                                                    {"awards_looks", double(looks_)},
                                                    {"awards_look_failures", double(failures_)}};
    if (!registrar_) return out;
    const Registrar::Counts& counts = registrar_->counts();
    out.emplace_back("awards_registrations_asked", double(counts.asked));
    out.emplace_back("awards_registrations_came", double(counts.came));
    out.emplace_back("awards_registrations_address_too_often", double(counts.too_often));
    out.emplace_back("awards_registrations_day_full", double(counts.too_many));
    out.emplace_back("awards_registrations_asker_too_often",
                     double(limits_.letters.refused() + limits_.links.refused()));
    out.emplace_back("awards_links_refused", double(counts.no_link));
    out.emplace_back("awards_letters_sent", double(letters_->sent()));
    return out;
  }

 private:
  Awards(std::string folder, std::vector<Cycle> cycles, std::unique_ptr<Book> book, std::unique_ptr<JuryBook> jury,
         Vault vault)
      : folder_(std::move(folder)),
        cycles_(std::move(cycles)),
        book_(std::move(book)),
        jury_book_(std::move(jury)),
        vault_(std::move(vault)) {}

  // What falls due is done on the back room's thread, like everything else that changes something.
  void keep(const base::Clock& clock) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, 1s, [this] { return stopping_; }))
      if (!looking_.exchange(true) && !back_->post([this, &clock] { look(clock.now()); })) looking_ = false;
  }
  void look(Instant now) {
    base::Status looked;
    for (const base::Status& one : {entries_->look(now), registrar_->look(now), letters_->look(now), masking_->look()})
      if (looked) looked = one;
    looking_ = false;
    ++looks_;
    const std::string told = looked ? "" : looked.error().message;
    if (!looked) ++failures_;
    if (!looked && told != told_) base::log_warn("awards: {}; it is tried again", told);
    told_ = told;
  }

  const std::string folder_;
  const std::vector<Cycle> cycles_;
  std::unique_ptr<Book> book_;
  std::unique_ptr<JuryBook> jury_book_;
  std::unique_ptr<GuestBook> guests_;
  RegistrarLimits limits_;
  const Vault vault_;
  std::unique_ptr<Record> record_;  // null: trouble_ says why; as the rounds
  std::unique_ptr<Rounds> rounds_;
  base::Error trouble_;
  base::Status way_;  // whether a proposal has one in this city
  std::unique_ptr<Stages> stages_;
  std::unique_ptr<EntryDesk> entries_;
  std::unique_ptr<JuryDesk> jury_;
  std::unique_ptr<Secretariat> secretariat_;
  std::unique_ptr<Studies> studies_;
  std::unique_ptr<MaskingRuns> masking_;
  std::unique_ptr<LetterDesk> letters_;
  std::unique_ptr<Registrar> registrar_;
  std::string told_;
  std::atomic<bool> looking_{false};
  std::atomic<std::uint64_t> looks_{0}, failures_{0};
  std::unique_ptr<serve::BackRoom> back_, study_;  // end before what their tasks work on
  std::unique_ptr<Office> office_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_{false};  // guarded by mutex_
  std::thread keeper_;
};

}  // namespace
}  // namespace cityloop::awards

namespace cityloop::serve {

void register_awards(PackageLoader& loader) {
  loader.add("awards", awards::Awards::make);
  loader.add_command({"awards", "export",
                      "all of a cycle in one ZIP: --city FOLDER --data FOLDER --cycle ID --out FILE",
                      awards::export_command});
  loader.add_command({"awards", "key",
                      "a holder's key for sealed rounds: FILE --role ROLE (its passphrase on standard input)",
                      awards::key_command});
  loader.add_command({"", "verify", "what receipts prove: FILE… [--log URL|FOLDER] [--key FILE] [--lang zh|en]",
                      awards::verify_command});
}

}  // namespace cityloop::serve
