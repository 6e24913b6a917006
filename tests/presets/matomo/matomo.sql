CREATE TABLE matomo_site (idsite INTEGER NOT NULL, name VARCHAR(90), currency CHAR(3));
INSERT INTO matomo_site VALUES (1, 'Shop', 'EUR');
CREATE TABLE matomo_goal (idsite INTEGER NOT NULL, idgoal INTEGER NOT NULL, name VARCHAR(50), deleted INTEGER);
INSERT INTO matomo_goal VALUES (1, 3, 'newsletter sign-up', 0);
CREATE TABLE matomo_log_action (idaction INTEGER NOT NULL, name VARCHAR(4096), hash INTEGER, type INTEGER, url_prefix INTEGER);
INSERT INTO matomo_log_action VALUES
  (1, 'shop.example/', 11, 1, 2),
  (2, 'shop.example/p/1', 12, 1, 2),
  (3, 'shop.example/p/2', 13, 1, 2),
  (4, 'shop.example/checkout', 14, 1, 2),
  (5, 'shop.example/thanks', 15, 1, 2),
  (6, 'shop.example/about', 16, 1, 2),
  (7, 'shop.example/jobs', 17, 1, 3),
  (8, 'maker.example/', 18, 2, 2),
  (9, 'shop.example/sizes.pdf', 19, 3, 2),
  (20, 'Shop', 21, 4, NULL),
  (21, 'shoes', 22, 8, NULL),
  (22, 'cart', 23, 10, NULL),
  (23, 'add', 24, 11, NULL),
  (24, 'red shoes', 25, 12, NULL),
  (25, 'SKU-1', 26, 5, NULL),
  (26, 'banner', 27, 13, NULL),
  (27, 'click', 28, 16, NULL);
CREATE TABLE matomo_log_visit (
  idvisit BIGINT NOT NULL, idsite INTEGER NOT NULL, idvisitor BINARY(8) NOT NULL, user_id VARCHAR(200),
  visit_first_action_time DATETIME NOT NULL, visit_last_action_time DATETIME NOT NULL, referer_type INTEGER,
  referer_name VARCHAR(255), referer_url VARCHAR(1500), referer_keyword VARCHAR(255), config_device_type INTEGER,
  config_id BINARY(8) NOT NULL, location_ip VARBINARY(16) NOT NULL, location_country CHAR(3));
INSERT INTO matomo_log_visit VALUES
  (1, 1, x'A1A1A1A1A1A1A1A1', 'ann', '2026-03-01 09:00:00', '2026-03-01 09:05:00', 6, 'spring', '', 'shoes', 0, x'00FF00FF00FF00FF', x'0A000001', 'lv'),
  (2, 1, x'B1B1B1B1B1B1B1B1', NULL, '2026-03-01 10:00:00', '2026-03-01 10:10:00', 2, 'Google', 'https://www.google.com/', '', 1, x'00FF00FF00FF00F1', x'0A000002', 'lv'),
  (3, 1, x'B1B1B1B1B1B1B1B1', NULL, '2026-03-01 10:50:00', '2026-03-01 10:50:00', 1, NULL, '', NULL, 1, x'00FF00FF00FF00F1', x'0A000002', 'lv'),
  (4, 1, x'B1B1B1B1B1B1B1B1', NULL, '2026-03-02 08:00:00', '2026-03-02 08:00:00', 1, NULL, '', NULL, 1, x'00FF00FF00FF00F1', x'0A000002', 'lv'),
  (5, 1, x'4142434445464748', NULL, '2026-03-01 11:00:00', '2026-03-01 11:00:01', 1, NULL, NULL, NULL, 0, x'00FF00FF00FF00F2', x'0A000003', 'lv'),
  (6, 1, x'D1D1D1D1D1D1D1D1', NULL, '2026-03-02 12:00:00', '2026-03-02 12:01:00', 7, 'Facebook', 'https://www.facebook.com/', NULL, 1, x'00FF00FF00FF00F3', x'0A000004', 'lt'),
  (7, 1, x'A2A2A2A2A2A2A2A2', 'ann', '2026-03-02 18:00:00', '2026-03-02 18:05:00', 1, NULL, NULL, NULL, 1, x'00FF00FF00FF00F4', x'0A000001', 'lv'),
  (8, 1, x'0000000000000000', NULL, '2026-03-02 19:00:00', '2026-03-02 19:00:00', 1, NULL, NULL, NULL, 1, x'00FF00FF00FF00F5', x'0A000005', 'lv');
CREATE TABLE matomo_log_link_visit_action (
  idlink_va BIGINT NOT NULL, idsite INTEGER NOT NULL, idvisitor BINARY(8) NOT NULL, idvisit BIGINT NOT NULL,
  server_time DATETIME NOT NULL, idaction_url INTEGER, idaction_url_ref INTEGER, idaction_name INTEGER,
  idaction_event_category INTEGER, idaction_event_action INTEGER, idaction_product_sku INTEGER,
  idaction_content_name INTEGER, idaction_content_interaction INTEGER, custom_float DOUBLE, pageview_position INTEGER);
INSERT INTO matomo_log_link_visit_action VALUES
  (1, 1, x'A1A1A1A1A1A1A1A1', 1, '2026-03-01 09:00:00', 1, 0, 20, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (2, 1, x'A1A1A1A1A1A1A1A1', 1, '2026-03-01 09:01:00', 2, 1, 20, NULL, NULL, 25, NULL, NULL, NULL, 2),
  (3, 1, x'A1A1A1A1A1A1A1A1', 1, '2026-03-01 09:03:00', 2, 2, 24, 22, 23, NULL, NULL, NULL, 1, 2),
  (4, 1, x'A1A1A1A1A1A1A1A1', 1, '2026-03-01 09:04:00', 4, 2, 20, NULL, NULL, NULL, NULL, NULL, NULL, 3),
  (5, 1, x'A1A1A1A1A1A1A1A1', 1, '2026-03-01 09:05:00', 5, 4, 20, NULL, NULL, NULL, NULL, NULL, NULL, 4),
  (6, 1, x'B1B1B1B1B1B1B1B1', 2, '2026-03-01 10:00:00', 3, 0, 20, NULL, NULL, 25, NULL, NULL, NULL, 1),
  (7, 1, x'B1B1B1B1B1B1B1B1', 2, '2026-03-01 10:10:00', NULL, 3, 21, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (8, 1, x'B1B1B1B1B1B1B1B1', 3, '2026-03-01 10:50:00', 6, 0, 20, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (9, 1, x'4142434445464748', 5, '2026-03-01 11:00:00', 7, 0, 20, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (10, 1, x'4142434445464748', 5, '2026-03-01 11:00:01', 7, 7, 20, NULL, NULL, NULL, 26, NULL, NULL, 1),
  (11, 1, x'4142434445464748', 5, '0000-00-00 00:00:00', 7, 7, 20, NULL, NULL, NULL, NULL, NULL, NULL, 2),
  (12, 1, x'B1B1B1B1B1B1B1B1', 4, '2026-03-02 08:00:00', 3, 0, 20, NULL, NULL, 25, NULL, NULL, NULL, 1),
  (13, 1, x'D1D1D1D1D1D1D1D1', 6, '2026-03-02 12:00:00', 1, 0, 20, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (14, 1, x'D1D1D1D1D1D1D1D1', 6, '2026-03-02 12:00:30', 1, 1, 20, NULL, NULL, NULL, 26, 27, NULL, 1),
  (15, 1, x'D1D1D1D1D1D1D1D1', 6, '2026-03-02 12:01:00', 9, 1, 20, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (16, 1, x'A2A2A2A2A2A2A2A2', 7, '2026-03-02 18:00:00', 1, 0, 20, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (17, 1, x'A2A2A2A2A2A2A2A2', 7, '2026-03-02 18:05:00', 8, 1, 20, NULL, NULL, NULL, NULL, NULL, NULL, 1),
  (18, 1, x'0000000000000000', 8, '2026-03-02 19:00:00', 1, 0, 20, NULL, NULL, NULL, NULL, NULL, NULL, 1);
CREATE TABLE matomo_log_conversion (
  idvisit BIGINT NOT NULL, idsite INTEGER NOT NULL, idvisitor BINARY(8) NOT NULL, server_time DATETIME NOT NULL,
  idaction_url INTEGER, idlink_va BIGINT, idgoal INTEGER NOT NULL, buster INTEGER NOT NULL, idorder VARCHAR(100),
  items INTEGER, url VARCHAR(4096) NOT NULL, revenue DOUBLE);
INSERT INTO matomo_log_conversion VALUES
  (1, 1, x'A1A1A1A1A1A1A1A1', '2026-03-01 09:01:30', 2, 2, 3, 0, NULL, NULL, 'https://shop.example/p/1', 0),
  (1, 1, x'A1A1A1A1A1A1A1A1', '2026-03-01 09:05:00', 5, 5, 0, 77, 'o-17', 1, 'https://shop.example/thanks', 59.9),
  (4, 1, x'B1B1B1B1B1B1B1B1', '2026-03-02 08:02:00', 3, 12, -1, 0, NULL, 1, 'https://shop.example/p/2', 20);
