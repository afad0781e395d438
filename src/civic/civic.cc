#include "civic/civic.h"

#include "civic/cors.h"
#include "civic/follow_routes.h"
#include "civic/ground_routes.h"
#include "civic/log_reader.h"
#include "civic/mailer.h"
#include "civic/media_routes.h"
#include "civic/moderation_routes.h"
#include "civic/open311_routes.h"
#include "civic/public_routes.h"
#include "civic/push_routes.h"
#include "civic/push_sender.h"
#include "civic/settings_routes.h"
#include "civic/survey_answer_routes.h"
#include "civic/survey_routes.h"

namespace cityloop::civic {
namespace {

constexpr std::size_t kPhotosWaiting = 12, kTasksWaiting = 512, kCountsWaiting = 16;
constexpr base::Duration kSettingsLookedAt = std::chrono::milliseconds(500);

}  // namespace

struct Civic::Inside {
  // What lies in the data folder.
  struct Kept {
    std::unique_ptr<Book> book;
    PhotoShelf photos;
    FollowLinks links;
    PushKey push_key;
    base::TimeZone zone;
  };

  Inside(const CivicHouse& house, Kept kept)
      : in_force(house.settings, house.wall.now()),
        watcher(
            house.settings_file, in_force, [&shelf = house.shelf] { return shelf.in_force(); }, house.wall),
        book(std::move(kept.book)),
        photos(std::move(kept.photos)),
        links(std::move(kept.links)),
        push_key(std::move(kept.push_key)),
        zone(std::move(kept.zone)),
        surveys(book->tables()),
        board(std::uint64_t(base::to_us(house.wall.now()))),
        limits{RateLimit(in_force.now().posts), RateLimit(in_force.now().uploads), RateLimit(in_force.now().reads),
               RateLimit(in_force.now().keys)},
        view{in_force, house.city, house.twin, house.shelf},
        survey_desk(view, surveys, *book, links),
        reader(view, *book, board, photos, survey_desk, house.wall),
        mailer(in_force, house.city.name, *book, links, house.wall),
        pusher(in_force, house.city.name, *book, links, push_key, house.wall),
        watched(!house.settings_file.empty()),
        office{in_force,     house.city, house.twin, house.guard, house.desk, house.shelf, house.wall, *book,   photos,
               photo_limits, links,      board,      view,        darkroom,   clerk,       limits,     refusals} {}

  // What does not look at the settings each time. The reader of the log sees by itself that there are others.
  void take_settings() {
    const CivicSettings& now = in_force.now();
    limits.posts.set_rule(now.posts);
    limits.uploads.set_rule(now.uploads);
    limits.reads.set_rule(now.reads);
    limits.keys.set_rule(now.keys);
  }

  SettingsInForce in_force;
  SettingsWatcher watcher;
  const PhotoLimits photo_limits{};
  std::unique_ptr<Book> book;
  PhotoShelf photos;
  FollowLinks links;
  PushKey push_key;
  base::TimeZone zone;
  SurveyBook surveys;
  PublicBoard board;
  Limits limits;
  Refusals refusals;
  PublicView view;
  SurveyDesk survey_desk;
  LogReader reader;
  Mailer mailer;
  PushSender pusher;
  const bool watched;
  Clerk darkroom{kPhotosWaiting}, clerk{kTasksWaiting}, counting{kCountsWaiting};
  Office office;
};

Civic::Civic(std::unique_ptr<Inside> inside) : inside_(std::move(inside)) {}

Civic::~Civic() {
  stop();
}

base::Result<std::unique_ptr<Civic>> Civic::open(const CivicHouse& house) {
  Inside::Kept kept{
      TRY(Book::open(house.data_folder + "/civic.db")), TRY(PhotoShelf::open(house.data_folder + "/media")),
      TRY(FollowLinks::open(house.data_folder + "/civic.key")), TRY(open_push_key(house.data_folder + "/push.key")),
      TRY(base::TimeZone::load(house.city.time_zone))};
  return std::unique_ptr<Civic>(new Civic(std::make_unique<Inside>(house, std::move(kept))));
}

void Civic::add_to(net::Router& router) const {
  const Office& office = inside_->office;
  add_cors(router, inside_->in_force);
  MediaRoutes{office}.add_to(router);
  PublicRoutes{office}.add_to(router);
  GroundRoutes{office}.add_to(router);
  FollowRoutes{office}.add_to(router);
  PushRoutes{office, inside_->push_key}.add_to(router);
  ModerationRoutes{office, inside_->reader}.add_to(router);
  SettingsRoutes{office, [this] { return inside_->watcher.mistakes(); }}.add_to(router);
  SurveyAnswerRoutes{office, inside_->surveys}.add_to(router);
  SurveyRoutes{office, inside_->surveys, inside_->counting, inside_->zone}.add_to(router);
  Open311Routes{office}.add_to(router);
}

base::Status Civic::start() {
  inside_->reader.on_notices([inside = inside_.get()] {
    inside->mailer.wake();
    inside->pusher.wake();
  });
  TRY(inside_->reader.start());
  TRY(inside_->mailer.start());
  TRY(inside_->pusher.start());
  if (inside_->watched) inside_->watcher.start(kSettingsLookedAt, [this] { inside_->take_settings(); });
  return {};
}

void Civic::stop() {
  inside_->watcher.stop();
  inside_->pusher.stop();
  inside_->mailer.stop();
  inside_->reader.stop();
  inside_->darkroom.close();
  inside_->counting.close();
  inside_->clerk.close();
}

void Civic::find_missing_photos(std::vector<std::string> ids, MissingPhotos tell) const {
  const Office& on = inside_->office;
  auto shared = std::make_shared<MissingPhotos>(std::move(tell));
  const bool taken = on.clerk.post([&on, shared, ids = std::move(ids)] {
    std::vector<std::string> missing;
    for (const std::string& id : ids) {
      auto photo = on.book.photo(id);
      if (!photo) return (*shared)(std::unexpected(photo.error()));
      if (!*photo) {
        missing.push_back(id);
        continue;
      }
      // It is as good as named: it must not be cleared away before the case is seen that names it.
      (*photo)->at = on.wall.now();
      if (const auto kept = on.book.put_photo(**photo); !kept) return (*shared)(std::unexpected(kept.error()));
    }
    (*shared)(std::move(missing));
  });
  if (!taken) (*shared)(base::fail(base::Errc::unavailable, "too much waits to be done already; try again"));
}

const Office& Civic::office() const {
  return inside_->office;
}

void Civic::settle() const {
  inside_->reader.settle();
}

std::vector<std::pair<std::string, double>> Civic::counters() const {
  const LogReader::Stats read = inside_->reader.stats();
  const Mailer::Stats mail = inside_->mailer.stats();
  const PushSender::Stats push = inside_->pusher.stats();
  const SurveyDesk::Stats surveys = inside_->survey_desk.stats();
  const Limits& limits = inside_->limits;
  std::vector<std::pair<std::string, double>> out{
      {"civic_public_reports", double(inside_->board.size())},
      {"civic_notices", double(read.notices)},
      {"civic_contacts_erased", double(read.contacts_erased)},
      {"civic_photos_erased", double(read.photos_erased)},
      {"civic_mails_sent", double(mail.sent)},
      {"civic_mails_failed", double(mail.failed)},
      {"civic_mails_given_up", double(mail.given_up)},
      {"civic_pushes_sent", double(push.sent)},
      {"civic_pushes_failed", double(push.failed)},
      {"civic_pushes_given_up", double(push.given_up)},
      {"civic_pushes_gone", double(push.gone)},
      {"civic_pushes_led_within", double(push.led_within)},
      {"civic_pushes_refused", double(inside_->refusals.pushes)},
      {"civic_surveys_asked", double(surveys.asked)},
      {"civic_surveys_left_out", double(surveys.left_out)},
      {"civic_surveys_erased", double(surveys.erased)},
      {"civic_answers_refused", double(inside_->refusals.answers)},
      {"civic_settings_mistaken", inside_->watcher.mistakes().empty() ? 0.0 : 1.0},
      {"civic_sweeps", double(read.sweeps)},
      {"civic_failures", double(read.failures)},
      {"civic_photos_refused", double(inside_->refusals.photos)},
      {"civic_reports_refused", double(inside_->refusals.reports)},
      {"civic_steps_refused", double(inside_->refusals.steps)},
      {"civic_links_refused", double(inside_->refusals.links)},
      {"civic_keys_refused", double(inside_->refusals.keys)},
      {"civic_posts_limited", double(limits.posts.refused())},
      {"civic_uploads_limited", double(limits.uploads.refused())},
      {"civic_reads_limited", double(limits.reads.refused())},
      {"civic_keys_limited", double(limits.keys.refused())},
  };
  for (const Channel channel : {Channel::mail, Channel::push}) {
    const auto outbox = inside_->book->outbox_counts(channel);
    if (!outbox) continue;
    const char* const of = channel == Channel::mail ? "" : "push_";
    out.emplace_back(fmt::format("civic_outbox_{}waiting", of), double(outbox->waiting));
    out.emplace_back(fmt::format("civic_outbox_{}delivered", of), double(outbox->delivered));
    out.emplace_back(fmt::format("civic_outbox_{}given_up", of), double(outbox->given_up));
  }
  return out;
}

}  // namespace cityloop::civic
