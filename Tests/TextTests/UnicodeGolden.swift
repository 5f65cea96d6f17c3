// swift-format-ignore-file
// Made by scripts/unicode-tables.py from Unicode 15.1.0. Do not edit.
// FNV-1a digests of what Python makes of every scalar and of seeded random strings.

enum UnicodeGolden {
    static let version = "15.1.0"
    static let blockSize = 0x1000
    static let stringsPerGroup = 200

    static let ranges: [(UInt32, UInt32)] = [
        (0x20, 0x7f), (0x20, 0x250), (0x2b0, 0x400), (0x300, 0x370), (0x300, 0x370), (0x370, 0x400),
        (0x400, 0x530), (0x590, 0x700), (0x900, 0xe00), (0xe00, 0x1100), (0x1100, 0x1200), (0x10a0, 0x1100),
        (0x13a0, 0x1400), (0x1c80, 0x1cc0), (0x1dc0, 0x1e00), (0x1e00, 0x2000), (0x1f00, 0x2000),
        (0x2000, 0x2200), (0x2460, 0x2500), (0x20d0, 0x20f1), (0x3000, 0x3400), (0xa640, 0xa800),
        (0xab30, 0xac00), (0xac00, 0xd7a4), (0xf900, 0xfb50), (0xfb50, 0xfe00), (0xfe00, 0xfff0),
        (0x10400, 0x10480), (0x11080, 0x11100), (0x1d100, 0x1d800), (0x1e900, 0x1e960), (0x1f100, 0x1f200),
        (0x345, 0x346), (0x3a3, 0x3a4), (0x391, 0x3ca)
    ]

    // fold, lower, flags of the scalars of each block.
    static let scalars: [UInt64] = [
        0xde0bca0fd5056ba6, 0x0b95147d36b2fce1, 0x34648a47ddd810fc, 0x2b5b84d38150aa76, 0xca3a9ec117c15065,
        0x87c178476f5cb325, 0x59fb9262475ab325, 0xedcb88ca6d73f325, 0x8222f89dd203f325, 0xbee20c049230b325,
        0x0fcc35393e978670, 0x2dd6b914b8567325, 0x31a4e6e13d4ff325, 0x766b2385dd5012b1, 0xf6c0ef754b244325,
        0x934b2d6e8753ba82, 0xd23081335480bf9e, 0x58a3f80a6fb28aec, 0x97f6016b1d080ab9, 0x87ce72b678355caf,
        0x693c1f80fdb2f6ea, 0x820e24583ef7c325, 0xaa0e027f3322e230, 0x5226a4a393d7f325, 0xb46b748bdfca8e12,
        0xb71d3001fbda4325, 0x79511f227b7fe5a2, 0xfd2b8f9b6a5a6b4e, 0x3f0af67fe6d64325, 0xe92ac064e61dd683,
        0x8b5b816f40dba316, 0x8e0ea692c33b7ac8, 0x67c8350c3747f325, 0xed8d32c433d7b325, 0x02d5b2cb94483325,
        0x6a4cbfd39fa57325, 0x6640d0abe253f325, 0xf8cb4a727f20b325, 0x35d7cf250926b325, 0x37509d14cc83f325,
        0x7923b27a6f07f325, 0x935f890377a8b325, 0x695a95a99ab27585, 0xbfb52f41da9b493d, 0xa04b937e01a2122f,
        0x11131d528d67b325, 0x705c94f63a9383fe, 0xcc99336f634b8b30, 0x3c572c447aebf325, 0x63593f3c2215d83e,
        0x28762ba4dfb24fb5, 0x1ea418e5b9794325, 0xefe55b406b5c4325, 0xd48b398f55abc325, 0x7a3634db280d4325,
        0x44752161853bc325, 0x7232a13bd781c325, 0xf5c96bd3b0764325, 0xddc63793a300c325, 0xe2057a8d9ee64325,
        0xc2ce1c44c06a4325, 0x9a1f520b8243c325, 0x58ad17a49d904325, 0x72554a9c0845c325, 0xee8eaaa049c4c325,
        0x6ffdf9b4b60f4325, 0xe74bcc5e6c3ec325, 0xba01b3163a2d4325, 0xb94d14a1709c4325, 0x126783c0e949c325,
        0x69d7b0ede2d74325, 0x7cad952fabbdc325, 0x3de45b2548adc325, 0x5a7926f00a704325, 0x1cf7a21d2484c325,
        0x8002373704684325, 0xd2d2aad548b64325, 0x2bcd3bbcfb71c325, 0x964865c27dd44325, 0xbcff82e37f23c325,
        0x0f6c464b8cb6c325, 0xf088fc7b19bf4325, 0x6ecb52035baac325, 0x808414a479814325, 0x991ec94f48684325,
        0x26d4ad5d8befc325, 0xe7df2392db514325, 0x6bc4134bd1c3c325, 0x795ab034f845c325, 0x35d7372a03224325,
        0x9b8400760c20c325, 0x5985987eda5a4325, 0xbfaa1f33218e4325, 0x2e4b8458383bc325, 0x0a37639a6bd04325,
        0xd9217ba6cc75c325, 0x09b4eba0fc2cc325, 0x320ae7800cff4325, 0x7d5ca7fb8b92c325, 0xbeb9a31f7e1d4325,
        0x76eaa9af17304325, 0xbcb5ebf2c131c325, 0x246e13c737af4325, 0x8f5500cd8dc1c325, 0x219bae11c1f9c325,
        0x51ff925540304325, 0x6097987ca78cc325, 0xd9b98770e0384325, 0x51b49d7b48d24325, 0xfddcfaf30dfdc325,
        0x56ef663e385c4325, 0x966145e1aeafc325, 0xedeb563a7a42c325, 0x9022b46fd3ff4325, 0xa7dde60fbf16c325,
        0xcd1d0e3ba7e94325, 0x375cf0f88a1c4325, 0x2a86bf64edfbc325, 0x51bfc43d27354325, 0xff8832388233c325,
        0x965a8bf25351c325, 0x05c8409d1b764325, 0x71c1c2669088c325, 0x3714591dc7164325, 0xd10cd8cde3fa4325,
        0x6750dcdb795bc325, 0xc920d10ff1584325, 0x71818517d725c325, 0xa32e7cb2c5d4c325, 0x7b5d463301d74325,
        0xd8fd8449dd16c325, 0x7c003e858c7d4325, 0x1e6772342f1c4325, 0x86f31e4cccb1c325, 0x758e917e4bb74325,
        0x9718ae5c514dc325, 0xbb7440acef15c325, 0x66b1849ad3e04325, 0x4c3558771944c325, 0x620227d58dd04325,
        0x87354f946e3e4325, 0xf9c357e2dcf1c325, 0xd99e41d876344325, 0x56ec7a94770bc325, 0xe458bb8ccbaec325,
        0xc0505cbdc6074325, 0x39289ce049c2c325, 0xa22a2963cc614325, 0xab1f6999a3e04325, 0xc92c7b328507c325,
        0xed55c14e09b14325, 0xc94d0ccb034bc325, 0x2a01fc2c0d5dc325, 0xd16752347c1a4325, 0xff1f07fa8528c325,
        0x7a06aa1936424325, 0xe9da0c8c47464325, 0x6fd6ee013e23c325, 0xcac67e278cc84325, 0x5cb55be8b7f5c325,
        0x71076cb37c6cc325, 0x019d0542da674325, 0x692693a1cad2c325, 0x0c0e9e0de24d4325, 0x2f7eecd60ed84325,
        0x2a309f5ef2c9c325, 0x108da1bf3bff4325, 0x0f40ff580339c325, 0x8ab5745cb759c325, 0xec3b9da33f804325,
        0xe80b284f81bcc325, 0x6953ef89d2804325, 0x145ce894fed24325, 0x55edb8f71575c325, 0xb41d28309e4c4325,
        0x46781bdff54fc325, 0x3bdfe61c8dd2c325, 0x5bb5b5f0fec74325, 0xc0d61105a6e6c325, 0x34822f5dc6594325,
        0x592d2566fbbc4325, 0x690f87ba3bcbc325, 0x1955abfc9fbd4325, 0x834299f9fddbc325, 0xbe74666b3bc1c325,
        0xc616867257364325, 0xde6e3ab338c0c325, 0xcc0d54593f364325, 0x491f2bc4d54a4325, 0xf0d0b8bfe483c325,
        0xee434c4ee7804325, 0xcf99fb8ff165c325, 0xc921eb163f54c325, 0x305c842bccff4325, 0x9eef0b67b77ec325,
        0xbd9131087d4d4325, 0x77403bec895c4325, 0xac13a7c9baa9c325, 0x9f6ad0d839274325, 0x4c652db9f2adc325,
        0x00b04f87263dc325, 0x259d43a4ac004325, 0xcd7e52824284c325, 0xe16db00b75684325, 0x1d2288b299064325,
        0xba9d8a8d8391c325, 0x78491ae5f3644325, 0xf4f5d5c64123c325, 0x6d2b88fc8c56c325, 0x2fe1c63d2f4f4325,
        0x9c1312ee9b4ac325, 0x44cf1aa2d0814325, 0xa9ff90d1c0c84325, 0x512d52da726fc325, 0x5fcde28006714325,
        0xbee1c55e01c3c325, 0xcfcd24dd91f5c325, 0x117e65c0e9b24325, 0xcd7d093fb320c325, 0xa690dab9387a4325,
        0xb3ac41bd494e4325, 0x3d4ce732dfdbc325, 0x07b81d9cb6e04325, 0x3769440b85a5c325, 0x80427e415b9cc325,
        0x081c53169b5f4325, 0x9b665c5784e2c325, 0x1e8d290fa4cd4325, 0xe7503aa805104325, 0xd01723420cd1c325,
        0x1876abae89df4325, 0x47b0659eb481c325, 0x53edba539e19c325, 0x81806c7d6e604325, 0x9ea2ec550a2cc325,
        0xd170fe866f984325, 0xec3e68b3ec524325, 0xcb51451b070dc325, 0x8ac5887fd5dc4325, 0x1ca520fa82efc325,
        0x5de3cbf706a2c325, 0x60f62f74082f4325, 0xde7e0ba34cd6c325, 0xc176e36524e94325, 0x8961fd3e801c4325,
        0xf20ece4828bbc325, 0xc8aa3d8065554325, 0x836f6f235b83c325, 0x5eb117688ad1c325, 0x097cde90a6964325,
        0x8db52569b098c325, 0x93d57ef8b3264325, 0x4588a04ca1ba4325, 0xecca88e50a4bc325, 0xb1770852e7f84325,
        0x4ac5a2e27845c325, 0xac867812bd64c325, 0x468f5455bc174325, 0x29a88ee82be6c325, 0x7134da48335d4325,
        0x9fa407fd96bc4325, 0x285603dd5f81c325, 0xa6036f7c3ac74325, 0x6ba5932ec89dc325, 0x8f924f945d55c325,
        0x26a01c7bf0904325, 0xbc04196ff444c325, 0x8419a3f288004325, 0x4039705df2de4325, 0x62ae29460731c325,
        0x4ef6da5f8cc44325, 0x7cf1b55e90bbc325,
    ]

    // fold, lower of each group of strings.
    static let strings: [UInt64] = [
        0x72067a4ee418d41f, 0x2fa6f3b3f12712e1, 0xcd6e4b062d11741e, 0x6ccd62257a590dad, 0xd6219f34f0dfc65d,
        0xdbe14e604cb0ff28, 0x7cb2857bc57cf710, 0x9075a3a028a7c2a4, 0xdf272f44997de5fe, 0x1cd85c33f3f65faa,
        0x8e7c3a39dcc01f37, 0xd6f23ba50153d972, 0x57a4415f4065cdb6, 0xddc245e3d55fe221, 0xa9509d14ba4db9f4,
        0xda02775781b8452e, 0x2078647d7ddb0fb3, 0x83b5f5ea61754409, 0xc1499ba4f20b3620, 0x4783e8b553a4e3e9,
        0x07f2654f01a94882, 0x759386cf41321fa8, 0xe34228acd53af647, 0x8330926ead4e73dc, 0xa809ff72d2f61198,
        0xd0ac0d9064486c3c, 0x6446b1ecb30c5168, 0x5a6d838cd585d783, 0x42e7c456c25ed1b3, 0xe4feddb3578cdb3f,
        0xf4c5c44cf91529ee, 0x3a1f2ae0ea893788, 0x268774116c9418b3, 0x50efb226735059a7, 0xb38ff142fe875473,
        0x3fb4387e9e33026e, 0xb33097817700b1ea, 0xaec7000231fe10ce, 0xea0d175dcbe63646, 0xd5291b7462143615,
        0xfb0fcec72369c1a4, 0x8c1a71b711ddf101, 0x1f809045cc8938a8, 0xd247e9a53cf79abe, 0x4655823c05d5ea51,
        0x907c0837cbca713d, 0xfe7aeaa50a8a7dd6, 0x7572ebcd81c26bf9, 0xe9836c5b704d4a91, 0xbd86195490eba883,
        0xdae0cd3110aeb514, 0x8216522845aee470, 0x3a4835078463b8ba, 0xd660fd8923c99d52, 0xea78d506b913d8f7,
        0x2bb8e97b400d67aa, 0xf6339d7d967c29e4, 0x6312704918230f65, 0xa1bc64d975f6078d, 0xa2ac279967f34c20,
        0x33c33e33cc421855, 0xb9edf8a2ddca65a8, 0xe0d710fe92da1ca7, 0xead27f90441e54f9, 0xad9e8acdbeda103c,
        0x0d9879374142ee24, 0x37f9540cc5735607, 0xaa82cee94c82b88b, 0xf67694e9f8b56772, 0xef712773484e0a8f,
        0xae4a49514e352ec9, 0x39251d23986f486c, 0x2dd31ea929174c1c, 0xf1bab73cba4537b1, 0x2494e9ae9da4e7d7,
        0xec2c8baf285bd6aa, 0x9408a352e3757939, 0x06af354afe737647, 0xc43136112c568af6, 0x6174fa59986ea5c6,
        0x31e2603dd40828f8, 0xb682b7d14ac82a57, 0xcd1c906f7d074fbb, 0x63ce7b3c79228ee7, 0x783e9322cd216e18,
        0x9ad871a526bbf01d, 0x4c1583d961d761ca, 0x51c2731248107ff6, 0xcc1f1b42cacfdaa9, 0x27f867831cebd1af,
        0x083cd74f7dcf5d5d, 0x7df3e6d9deae6440, 0xfac144ba41b5e3e6, 0xf0598687eb68d231, 0x24a34dc753563500,
        0x9613abc36fe20310, 0x2783184cd93f5511, 0x3cdde04cc01bc9f1, 0xbf97fbc98e66356b, 0x5f27e93eefb8ce69,
        0x7813898519651498, 0x76b8da52b3c29622, 0x371f3dbe90c3f412, 0xe5745e6cd660851c, 0x0b2fb63bdf39cd2f,
        0xb0df615162c7f53c, 0x196bbfce413aa312, 0xc111e826dce9ded3, 0x6da4d971b7a38644, 0xd534e1971a00a205,
        0x9bba11d2552173ae, 0xb1224df2c46e1c63, 0x977854a52714a7af, 0x76ccd308e612fa43, 0xe5395d06ceff6ca7,
        0x7e6b990371c63c41, 0xd0f817a654540298, 0xcf85184c7a4b80c6, 0x514702bd3594f73e, 0x219f8ae182b63a7c,
        0x4c1b967e634faed2, 0x159479eefbc30e72, 0x645943ad06e3daf2, 0x488595689689c3cb, 0x2b9d93244ed5f1ea,
        0xa862847ced5cd750, 0xc79aa7802fef6c19, 0x4773f980ee734b8a,
    ]

    // Lengths of runs of assigned, unassigned, … scalars.
    static let assigned: StaticString = """
        mR$(&)###6#eG#H$T$%#Y*=&(-c@#`!$`K0^$S$1#>$##-'A#$(bZ#*$$$8#)##%&$+$$$&*#&$#'$;$%#(&$$8#)#$#$#$$##'&$$%%#)&##)\
        3,%#+#%#8#)#$#'$,#%#%$#1&$.))#%#*$$$8#)#$#'$+$$$%)%&$#'$4,$#(%%#&%$###$%$%%%.&'%%#&$#(#07'/#%#9#2$+#%#&)$#%$#$\
        &$,)8#%#9#,#'$+#%#&)$($#&$,#%./#%#U#%#(&2$<#%#4%:#+##$)%#&(###*(,$%.]&?G$###'#:###9$'###)#,$&B`.#F&I#F#1#/Gb4#\
        #'#$e3#&$)###&$K#&$C#&$)###&$1#[#&$`)$B%<(`<$($j+%`?)8+:+6./#%#$.`D$,(,(<(`?)M'`,,A#.&.&#%L$'-N&<(-%`$$`'#?$-(\
        ,(0$AS`3%Q#`Z*`!%1%`!)M$-*M'gX$($H$($*#######A$W#1#0$(#5$%#+#`K#.$=#/%C1C1a6&j%;-7}.$B#dS'O##'#$Z)$0:+)#)#)#)#\
        )#)#)#)#a(D<#`?.bD<`6#`<$`M'M#`D#`:-R#ng/%Y+dR6b&*b9'$###':^%,(Z*`,*.(`Z-@%`4#-&C#Y+0$,$`M:>,($($(+)#)#`!&a($,\
        (dy..9&S&cqX$`PH).''<#'###$#$#a'2f;$X)#BL(U#5#&&'#a1$##b,%($($($%%)#),'$.#<#5#$#1$0Da%'%&O%`>#/%#QPa,?%S1>&F+@\
        'M'@#G&0LaH$,(F&F&J*V-.#1#)#$#-#1#)#$`)d-+8,*:(#L#+`+($##N#$%#$9#`.*+R5#$'C%='#`&Z&6$T#$'*#%#?$%&,)+)`&BI&.+X%\
        ?$='<)&.)`6`/YU/U)P*,cXA#L#%$$`1M*L8<H>69+`4&F+`*,#$;),(W#4*I+`F#6-4#Q`$)###&#1#-(^',(&#*$$$8#)#$#'#,$$$%$#(#'\
        )$)%'a5`B#'@`.*,aPX$HD`+-,(/5](,X=$1&9b'`!`J`9.*$#$*#$#@#$$.+,`,*$P$-=`.*`9/`/),c(+#O#0,?%B$8#0`/)#$#N%##$#+*,\
        ((#$#G#$#(),d,;)3#K%>`<#1T/n9`L`U#'-b2`jZ`I/q@aaThMcnWh?)A#,&`7#,(@$(,`,,,#)#7'5j>`A`K`1&[)3`&'-$0be2*sHL+csY&\
        #)#$#cU1#?%$#0&*eF`e>`Q'/%+),$*am6P$9+`Z`!c(,I$b07`,a$6.6.`=+;a1`;#`-#$$#$$$&#.###)#`'#&$*#)#>#&#'##%)#dJ$cV$j\
        L1'#1q:A((bC)#3$)#$#''`$C#`VO%0$,&$d6A3]'#fNLk8)#&#$#1#b3$2K`2&,&$l'`*`2`#b0&#=#$##$##,#&####(#&######%#$##$##\
        ########$##$&#)#&#&###,#3'%#'#3V$c@N&`J.1$1#1#G,aXZ?/N&+)$0(aDo:&3%/%`^&`E(.&#1.&Z*,(J*@$$`4dJ.0$/%+)P#)*0&+)+\
        )a=#YG,p,ug!Bad0(bL$b_$0b{C1i8`h(h$x(aq5'adVjquK#@`Fa*c!``{!`ac0$`ac0$
        """
}
