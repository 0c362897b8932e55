BEGIN TRANSACTION;
CREATE TABLE assignment (
	sensor VARCHAR(16) NOT NULL, 
	from_s BIGINT NOT NULL, 
	to_s BIGINT, 
	node VARCHAR(64), 
	target_kind VARCHAR(200) NOT NULL, 
	target VARCHAR(200), 
	PRIMARY KEY (sensor, from_s)
);
INSERT INTO "assignment" VALUES('28-0000e3117e8d',1577808000,NULL,'n0001','room','h0001-r1');
INSERT INTO "assignment" VALUES('28-00008aa020f2',1577808000,NULL,'n0001','room','h0001-r2');
INSERT INTO "assignment" VALUES('28-0000545227f3',1577808000,NULL,'n0002','room','h0002-r1');
CREATE TABLE building (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	estate VARCHAR(64) NOT NULL, 
	latitude FLOAT, 
	longitude FLOAT, 
	PRIMARY KEY (id)
);
INSERT INTO "building" VALUES('b001','江畔小区1号楼','Riverside Estate, No. 1','es-jiangpan',45.7809,126.6211);
CREATE TABLE calibration (
	sensor VARCHAR(16) NOT NULL, 
	from_s BIGINT NOT NULL, 
	offset_kelvin FLOAT NOT NULL, 
	uncertainty_kelvin FLOAT NOT NULL, 
	certificate VARCHAR(200) NOT NULL, 
	PRIMARY KEY (sensor, from_s)
);
INSERT INTO "calibration" VALUES('28-0000e3117e8d',1577808000,-0.12,0.08,'示例证书 / sample certificate 2020-001');
CREATE TABLE change (
	id INTEGER NOT NULL, 
	sensor VARCHAR(16), 
	from_s BIGINT NOT NULL, 
	to_s BIGINT NOT NULL, 
	reason VARCHAR(32) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE community (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	street VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE district (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	PRIMARY KEY (id)
);
INSERT INTO "district" VALUES('sample','示例区','Sample District');
CREATE TABLE estate (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	street VARCHAR(64) NOT NULL, 
	community VARCHAR(64), 
	grid_cell VARCHAR(64), 
	PRIMARY KEY (id)
);
INSERT INTO "estate" VALUES('es-jiangpan','江畔小区','Riverside Estate','st-songhua',NULL,NULL);
CREATE TABLE grid_cell (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	community VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE home (
	id VARCHAR(64) NOT NULL, 
	stairwell VARCHAR(64) NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	floor INTEGER NOT NULL, 
	position VARCHAR(200) NOT NULL, 
	usable_area_m2 FLOAT, 
	metered BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "home" VALUES('h0001','b001-u1','z-jiangpan-low',1,'bottom',88.5,0);
INSERT INTO "home" VALUES('h0002','b001-u2','z-jiangpan-high',18,'top',78.0,0);
CREATE TABLE meta (
	"key" VARCHAR(32) NOT NULL, 
	value VARCHAR(64), 
	PRIMARY KEY ("key")
);
INSERT INTO "meta" VALUES('schema','1');
INSERT INTO "meta" VALUES('version','2');
CREATE TABLE node (
	id VARCHAR(64) NOT NULL, 
	district VARCHAR(64) NOT NULL, 
	interval_seconds INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "node" VALUES('n0001','sample',300);
INSERT INTO "node" VALUES('n0002','sample',300);
CREATE TABLE notice (
	id VARCHAR(64) NOT NULL, 
	kind VARCHAR(200) NOT NULL, 
	source VARCHAR(64), 
	zone VARCHAR(64), 
	from_s BIGINT NOT NULL, 
	to_s BIGINT, 
	recorded_s BIGINT NOT NULL, 
	text VARCHAR(200) NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE outdoor (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	district VARCHAR(64) NOT NULL, 
	shaded BOOLEAN NOT NULL, 
	latitude FLOAT, 
	longitude FLOAT, 
	PRIMARY KEY (id)
);
INSERT INTO "outdoor" VALUES('out-1','示例区北墙室外测点','Outdoor, north wall','sample',1,45.77,126.63);
CREATE TABLE outdoor_temperature (
	district VARCHAR(64) NOT NULL, 
	time_s BIGINT NOT NULL, 
	celsius FLOAT NOT NULL, 
	source VARCHAR(100) NOT NULL, 
	PRIMARY KEY (district, time_s)
);
INSERT INTO "outdoor_temperature" VALUES('sample',1767225600,-18.5,'https://weather.example');
CREATE TABLE person (
	id VARCHAR(64) NOT NULL, 
	role VARCHAR(200) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	phone VARCHAR(200), 
	from_day DATE, 
	PRIMARY KEY (id)
);
INSERT INTO "person" VALUES('p-officer-1','responsible_officer','so-qingsong','张示例','0451-00000011','2020-10-20');
INSERT INTO "person" VALUES('p-officer-2','responsible_officer','so-beichen','李示例','0451-00000012','2020-10-20');
INSERT INTO "person" VALUES('p-volunteer-1','volunteer_supervisor','es-jiangpan','王示例',NULL,NULL);
INSERT INTO "person" VALUES('p-office-1','street_office','st-songhua','松花街道供热专班（示例）','0451-00000021',NULL);
INSERT INTO "person" VALUES('p-department','district_department','sample','示例区供热主管部门','0451-00000031',NULL);
CREATE TABLE placement (
	room VARCHAR(64) NOT NULL, 
	from_s BIGINT NOT NULL, 
	height_m FLOAT, 
	documented BOOLEAN NOT NULL, 
	suitable BOOLEAN NOT NULL, 
	note VARCHAR(200), 
	PRIMARY KEY (room, from_s)
);
INSERT INTO "placement" VALUES('h0001-r1',1577808000,1.4,1,1,NULL);
INSERT INTO "placement" VALUES('h0001-r2',1577808000,1.4,1,1,NULL);
INSERT INTO "placement" VALUES('h0002-r1',1577808000,1.4,1,1,NULL);
CREATE TABLE regime (
	source VARCHAR(64) NOT NULL, 
	from_s BIGINT NOT NULL, 
	to_s BIGINT, 
	hours VARCHAR(200) NOT NULL, 
	PRIMARY KEY (source, from_s)
);
CREATE TABLE room (
	id VARCHAR(64) NOT NULL, 
	home VARCHAR(64) NOT NULL, 
	use VARCHAR(200) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "room" VALUES('h0001-r1','h0001','living_room');
INSERT INTO "room" VALUES('h0001-r2','h0001','bedroom');
INSERT INTO "room" VALUES('h0002-r1','h0002','bedroom');
CREATE TABLE source (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	supplier VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "source" VALUES('so-qingsong','青松热源厂','Qingsong Plant','su-qingsong');
INSERT INTO "source" VALUES('so-beichen','北辰锅炉房','Beichen Boiler House','su-beichen');
CREATE TABLE stairwell (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	building VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "stairwell" VALUES('b001-u1','1单元','Stairwell 1','b001');
INSERT INTO "stairwell" VALUES('b001-u2','2单元','Stairwell 2','b001');
CREATE TABLE street (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	district VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "street" VALUES('st-songhua','松花街道办事处','Songhua Street Office','sample');
INSERT INTO "street" VALUES('st-bingxue','冰雪街道办事处','Bingxue Street Office','sample');
INSERT INTO "street" VALUES('st-dingxiang','丁香街道办事处','Dingxiang Street Office','sample');
CREATE TABLE substation (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	source VARCHAR(64) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "substation" VALUES('ss-jiangpan','江畔换热站','Riverside Substation','so-qingsong');
INSERT INTO "substation" VALUES('ss-ruixue','瑞雪换热站','Ruixue Substation','so-qingsong');
INSERT INTO "substation" VALUES('ss-dingxiang','丁香换热站','Lilac Substation','so-beichen');
CREATE TABLE supplier (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	duty_phone VARCHAR(200), 
	PRIMARY KEY (id)
);
INSERT INTO "supplier" VALUES('su-qingsong','青松热力公司（示例）','Qingsong Heating (sample)','0451-00000001');
INSERT INTO "supplier" VALUES('su-beichen','北辰供热公司（示例）','Beichen Heating (sample)','0451-00000002');
CREATE TABLE suspension (
	home VARCHAR(64) NOT NULL, 
	from_day DATE NOT NULL, 
	to_day DATE, 
	PRIMARY KEY (home, from_day)
);
CREATE TABLE zone (
	id VARCHAR(64) NOT NULL, 
	name_zh VARCHAR(200) NOT NULL, 
	name_en VARCHAR(200), 
	substation VARCHAR(64) NOT NULL, 
	emitter VARCHAR(200) NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "zone" VALUES('z-jiangpan-low','江畔低区','Riverside Low','ss-jiangpan','radiator');
INSERT INTO "zone" VALUES('z-jiangpan-high','江畔高区','Riverside High','ss-jiangpan','radiator');
INSERT INTO "zone" VALUES('z-ruixue','瑞雪分区','Ruixue Zone','ss-ruixue','radiator');
INSERT INTO "zone" VALUES('z-dingxiang','丁香分区','Lilac Zone','ss-dingxiang','radiator');
COMMIT;
